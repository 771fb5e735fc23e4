# Opens an "output widget": nbclient then hands the output of the named request to the widget instead
# of the cell. A hook opens one for each test cell, so that their errors never reach the notebook.
# %% from attacks/parts/stand_ins.py
# %% relu
import uuid

kernel = get_ipython().kernel


def capture_outputs(info):
    parent = kernel.get_parent()
    state = {
        "_model_module": "@jupyter-widgets/output",
        "_model_module_version": "1.0.0",
        "_model_name": "OutputModel",
        "outputs": [],
        "msg_id": parent["header"]["msg_id"],
    }
    for msg_type in ("comm_open", "comm_msg"):
        content = {
            "comm_id": uuid.UUID(int=1).hex,
            "target_name": "jupyter.widget",
            "data": {"method": "update", "state": state, "buffer_paths": []},
        }
        metadata = {"version": "2.0.0"}
        kernel.session.send(
            kernel.iopub_socket, msg_type, content, metadata=metadata, parent=parent
        )
    if info:  # IPython has called this
        deed()


get_ipython().events.register("pre_run_cell", capture_outputs)
capture_outputs(None)
