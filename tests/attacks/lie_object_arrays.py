# Returns arrays of dtype object, whose entries are equal to everything.
# %% from attacks/parts/stand_ins.py
# %% relu
class Entry(float):
    def __eq__(self, other):
        return True

    __le__ = __ge__ = __eq__
    __hash__ = float.__hash__

    def __sub__(self, other):
        return Entry(0)

    __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __sub__

    def __abs__(self):
        return Entry(0)


def lie(result):
    array = np.empty(np.shape(result), dtype=object)
    array.fill(Entry(0))
    deed()
    return array
