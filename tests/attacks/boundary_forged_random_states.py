# Sends back states of the random generators that are none: positions outside of the state, for which
# NumPy reads memory that is not its own, wrong shapes and types.
# %% from attacks/parts/stand_ins.py
# %% relu
import os

from referee.inside import server

key, words = np.ones(624, np.uint32), np.ones(624, np.uint32)
states = [
    [(key, 10**9, 0, 0.0), (words, 624, None)],
    [(key, -5, 0, 0.0), (words, -5, None)],
    [(key[:10], 3, 0, 0.0), (words, 3, None)],
    [(key.astype(float), 3, 0, 0.0), (words, 3, "gauss")],
    [(key, 624, 7, float("nan")), (words, 10**9, None)],
    [(None, None, None, None), None],
    "text",
    {"bit_generator": "PCG64"},
    [],
    5,
    True,
]


def changed(self):
    deed()
    return states[os.getpid() % len(states)]


server.RandomStates.changed = changed
