# Prints the environment: its own, as the C library sees it, and as the kernel was started with.
# %% from attacks/parts/stand_ins.py
# %% relu
import ctypes
import os
import subprocess


def attack():
    raw = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
    known_to_c, number = [], 0
    while raw and raw[number]:
        known_to_c.append(raw[number].decode(errors="replace"))
        number += 1
    try:
        started_with = open("/proc/self/environ").read().split("\0")
    except OSError as error:  # it has become another user
        started_with = [repr(error)]
    shown = subprocess.run(["env"], capture_output=True, text=True).stdout.split("\n")
    everything = {*known_to_c, *started_with, *shown, *(f"{k}={v}" for k, v in os.environ.items())}
    deed()
    return "\n".join(sorted(everything, key=lambda line: "CANARY" not in line))


print(attack()[:2000])
