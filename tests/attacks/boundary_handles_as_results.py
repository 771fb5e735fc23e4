# Returns things that cannot cross, and functions, classes and modules: a naive judge calls or unfolds
# them. Handles come back as what they are not.
# %% from attacks/parts/stand_ins.py
# %% relu
import itertools
import sys

things = itertools.cycle(
    [print, type, np, sys, lambda *args: True, object(), iter([1]), ..., slice(3), range(3)]
)


def lie(result):
    thing = next(things)
    deed()
    return thing


# %% classify
class classify(np.ndarray):
    """A class under the name of a function; its instances are what calls of it return."""

    def __new__(cls, X, parameters, mode="test"):
        return np.ones((1, X.shape[1]), dtype=int).view(cls)


# %% multi_layer_network
class Network:
    def __call__(self, *args, **kwargs):
        return self, classify

    def __iter__(self):
        return iter([self, self])


multi_layer_network = Network()
