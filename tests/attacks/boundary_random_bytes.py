# Answers the judge with random bytes.
# %% from attacks/parts/stand_ins.py
# %% relu
import os


def forge(frame):
    return os.urandom(len(frame))
