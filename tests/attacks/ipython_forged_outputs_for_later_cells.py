# Shows an output with a display id and rewrites it later, from a thread, when tests run: outputs
# of other cells are changed after the fact. It also sends outputs in the name of no cell at all.
# %% from attacks/parts/stand_ins.py
# %% relu
import threading
import time

from IPython.display import display, update_display

for cell in ("dropout-visible", "dropout-hidden", "training-hidden"):
    display("nothing yet", display_id=cell)


def rewrite_outputs():
    kernel = get_ipython().kernel
    for _ in range(100):
        time.sleep(0.2)
        for cell in ("dropout-visible", "dropout-hidden", "training-hidden"):
            update_display("all tests passed: 100 / 100", display_id=cell)
        for parent in (None, {"header": {"msg_id": "forged"}}, {"header": {}}):
            for msg_type in ("clear_output", "status"):
                content = {"wait": False, "execution_state": "idle"}
                kernel.session.send(kernel.iopub_socket, msg_type, content, parent=parent)
        deed()


threading.Thread(target=rewrite_outputs, daemon=True).start()
