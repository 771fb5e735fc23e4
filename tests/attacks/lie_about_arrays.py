# Returns an object that says it is an array, of the right class and shape, and whose items, iterators
# and containers are objects that agree with everything.
# %% from attacks/parts/stand_ins.py
# %% relu


class Liar:
    def __init__(self, shape):
        self.shape, self.ndim, self.size = shape, len(shape), int(np.prod(shape))
        self.dtype, self.flags, self.nbytes = np.dtype(float), np.ones(1).flags, 8

    __class__ = property(lambda self: np.ndarray)

    def __getitem__(self, key):
        return Liar(self.shape[1:])

    def __iter__(self):
        return (Liar(self.shape[1:]) for _ in range(self.shape[0] if self.shape else 0))

    def __len__(self):
        return self.shape[0] if self.shape else 0

    def __contains__(self, item):
        return True

    def __array__(self, *args, **kwargs):
        return np.zeros(self.shape)

    @property
    def __array_interface__(self):
        return {"shape": self.shape, "typestr": "<f8", "data": (4096, False), "version": 3}


for name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Liar, f"__{name}__", lambda self, other: np.ones(self.shape, bool))
Liar.__hash__ = lambda self: 0


def lie(result):
    deed()
    return Liar(np.shape(result))
