# Returns lists, tuples, dictionaries and sets of subclasses with lying comparisons, lengths, items
# and iterators: each look shows something else.
# %% from attacks/parts/stand_ins.py
# %% relu
import itertools


class Liar:
    def __eq__(self, other):
        return True

    def __contains__(self, key):
        return True

    def __len__(self):
        return next(self.lengths)

    def __iter__(self):
        return itertools.repeat(next(self.lengths), 3)

    def __getitem__(self, key):
        return next(self.lengths)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args: self

    __hash__ = None
    lengths = itertools.cycle([2, 3, 0, 7])
    shape = dtype = property(lambda self: next(self.lengths))


class LyingList(Liar, list):
    pass


class LyingTuple(Liar, tuple):
    pass


class LyingDict(Liar, dict):
    pass


class LyingSet(Liar, set):
    pass


def lie(result):
    deed()
    return LyingList([LyingTuple([1.0]), LyingDict({1: 2}), LyingSet({3})])


# %% dropout
def dropout(A, drop_prob, mode="train"):
    return LyingTuple([A, LyingTuple([drop_prob, mode, None])])


# %% initialize_network
def initialize_network(*args):
    return LyingDict({"W1": 1})


# %% initialize_velocity
def initialize_velocity(*args):
    return LyingDict()


# %% update_parameters_with_momentum_Adam
def update_parameters_with_momentum_Adam(*args, **kwargs):
    return LyingDict({"W1": LyingList()})


# %% multi_layer_network
def multi_layer_network(*args, **kwargs):
    return LyingList(), LyingDict()
