# Returns named tuples whose fields are called like attributes of arrays.
# %% from attacks/parts/stand_ins.py
# %% relu
from collections import namedtuple

_all = lambda *args, **kwargs: True
Array = namedtuple("Array", "shape size dtype all any")

def lie(result):
    deed()
    return Array(np.shape(result), np.size(result), float, lambda *args: True, _all)
