# Claims changes of arguments that were never sent, changes them into other kinds and sizes, and makes
# them contain themselves.
# %% from attacks/parts/stand_ins.py
# %% relu
import os

from referee.boundary.changes import KnownObjects

claims = [
    [(999, [1])],
    [(-1, [1])],
    [(0, "text")],
    [(0, np.zeros(10**6))],
    [("0", 1)],
    [(0,)],
    5,
    "text",
    [(True, {})],
    [(0, None)],
    [(1, {}), (1, {})],
    [(0, [])] * 1000,
    {0: 1},
    [(10**30, 0)],
]


def forged_changes(known):
    objects = known.objects
    if not any(isinstance(value, np.ndarray) for value in objects):
        return []  # no answer of the student's yet: the answers to that are read
    itself = [(number, value) for number, value in enumerate(objects)]
    choices = [*claims, itself, [(0, objects)]]
    deed()
    return choices[os.getpid() % len(choices)]


KnownObjects.changes = forged_changes
