# Gives a generator of the test states from which it draws the same number for ever, or none.
# %% from attacks/parts/stand_ins.py
# %% relu
from referee.boundary import changes

STATES = [
    ["0", "0", 0, 0],
    ["0", "2", 0, 0],
    ["f" * 10**6, "1", 0, 0],
    [[0] * 624, 0, 0, 0.0],
    [[1] * 624, 10**9, 0, 0.0],
    None,
    "state",
    {"bit_generator": "MT19937"},
]


def take(function, items, rng):
    state_of = changes.state_of
    states = iter(STATES)

    def forged(value):
        deed()
        return next(states, None)

    changes.state_of = forged
    try:
        for _ in STATES:
            function("x")
    finally:
        changes.state_of = state_of
