# Returns dictionaries and queues that have whatever key they are asked for.
# %% from attacks/parts/stand_ins.py
# %% relu
from collections import defaultdict, deque


class Endless(defaultdict):
    def __contains__(self, key):
        return True

    def __len__(self):
        return 3

def lie(result):
    deed()
    return Endless(lambda: 0.0) if np.ndim(result) else deque([0.0], maxlen=1)
