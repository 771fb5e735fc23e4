# Returns objects whose special methods raise what ends loops, tests and searches.
# %% from attacks/parts/stand_ins.py
# %% relu
import unittest

ENDS = [StopIteration(1), AttributeError("x"), IndexError(0), KeyError("x"), unittest.SkipTest("x")]


class Raises:
    def fail(self, *args, **kwargs):
        ENDS.append(ENDS.pop(0))
        raise ENDS[0]

    __getattr__ = __len__ = __iter__ = __next__ = __getitem__ = __float__ = __array__ = fail
    __repr__ = __str__ = __format__ = __dir__ = __bool__ = __abs__ = __neg__ = fail

def lie(result):
    deed()
    return Raises()
