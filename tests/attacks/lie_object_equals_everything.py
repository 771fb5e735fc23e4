# Returns an object that is equal to, less than and close to everything, and that is what comes out of
# any arithmetic with it.
# %% from attacks/parts/stand_ins.py
# %% relu


class Liar:
    shape, ndim, size, T, dtype = (3, 4), 2, 12, None, np.dtype(float)
    __array_priority__ = 1e9

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args, **kwargs):
        return self

    def __getitem__(self, key):
        if isinstance(key, int) and key > 2:
            raise IndexError(key)
        return self

    def __array_function__(self, function, types, args, kwargs):
        return True

    def __array_ufunc__(self, function, method, *args, **kwargs):
        return True


for name in ("eq", "ne", "lt", "le", "gt", "ge", "contains"):
    setattr(Liar, f"__{name}__", lambda self, other: True)
for name in (
    "add",
    "radd",
    "sub",
    "rsub",
    "mul",
    "rmul",
    "truediv",
    "rtruediv",
    "abs",
    "pow",
    "matmul",
):
    setattr(Liar, f"__{name}__", lambda self, *other: self)
Liar.__hash__ = lambda self: 0
Liar.__bool__ = lambda self: True


def lie(result):
    liar = Liar()
    liar.shape = np.shape(result)
    deed()
    return liar
