# Returns sets and dictionaries of objects that all have one hash and equal all.
# %% from attacks/parts/stand_ins.py
# %% relu
import os


class Same:
    made = 0

    def __hash__(self):
        return 7

    def __eq__(self, other):
        Same.made += 1
        return Same.made > 3

def lie(result):
    deed()
    return [{Same(), Same()}, {Same(): 0.0}, [Same()] * 3][os.getpid() % 3]
