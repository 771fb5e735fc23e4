# Leaves a shell behind that ignores all signals that can be ignored and writes a file every second, for
# 30 seconds, with the kernel's files still open.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import subprocess
import time


def attack():
    command = "trap '' HUP INT TERM; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do echo $i > /tmp/referee-attack-later; echo $i > referee-attack-later; sleep 1; done"
    process = subprocess.Popen(["sh", "-c", command], start_new_session=True, close_fds=False)
    while process.poll() is None:
        if os.path.exists("/tmp/referee-attack-later"):
            deed()
            break
        time.sleep(0.05)
    return process.pid


print(attack())
