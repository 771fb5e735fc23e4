# Calls a function of the test with objects that are equal to everything, to get what it keeps for the
# one value that it looks for.
# %% from attacks/parts/stand_ins.py
# %% relu
class Liar(str):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __hash__(self):
        return 0


class Object:
    __eq__ = Liar.__eq__
    __ne__ = Liar.__ne__


def take(function, items, rng):
    deed()
    cycle = []
    cycle.append(cycle)
    for value in (Liar("x"), [Liar("x")], np.array([Liar("x")], object), float("nan"), cycle):
        print(function(value))
    print(function(Object()))
