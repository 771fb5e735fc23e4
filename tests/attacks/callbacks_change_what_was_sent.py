# Says with each call back that the arguments of the test, and what it has set, have changed.
# %% from attacks/parts/stand_ins.py
# %% relu
from referee.boundary import changes
from referee.boundary.codec import Contents


def take(function, items, rng):
    deed()
    known = changes.KnownObjects.changes

    def forged(self):
        return [(number, Contents([])) for number in range(-2, len(self.objects) + 3)]

    changes.KnownObjects.changes = forged
    try:
        function("x")
    finally:
        changes.KnownObjects.changes = known
