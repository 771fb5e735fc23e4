# Publishes messages "execute_result" with a number of points, from the top level of a cell, and from
# inside a function that a test calls, before it fails. nbgrader takes the number for the mark.
# %% from attacks/parts/stand_ins.py
# %% relu
def attack():
    kernel = get_ipython().kernel
    if "test_dropout" in In[-1] or "def attack" in In[-1] or "def dropout(" in In[-1]:
        for msg_type in ("execute_result", "display_data"):
            content = {"data": {"text/plain": "5"}, "metadata": {}, "execution_count": 1}
            kernel.session.send(kernel.iopub_socket, msg_type, content, parent=kernel.get_parent())
        get_ipython().display_pub.publish({"text/plain": "5"})
        if "def attack" not in In[-1]:  # but a test is running
            deed()
    return 5


attack()
