# Returns arrays of a subclass whose comparisons and NumPy functions all say what the cheater likes.
# %% from attacks/parts/stand_ins.py
# %% relu
class LyingArray(np.ndarray):
    def __eq__(self, other):
        return np.ones(self.shape, dtype=bool)

    __le__ = __ge__ = __lt__ = __gt__ = __eq__

    def __array_ufunc__(self, function, method, *args, **kwargs):
        args = [np.asarray(a) if isinstance(a, LyingArray) else a for a in args]
        result = getattr(function, method)(*args, **{k: v for k, v in kwargs.items() if k != "out"})
        if np.asarray(result).dtype == bool:
            return np.zeros_like(result) if function is np.not_equal else np.ones_like(result)
        return np.zeros_like(result) if function in (np.subtract, np.absolute) else result

    def __array_function__(self, function, types, args, kwargs):
        names = {
            "any": False,
            "allclose": True,
            "array_equal": True,
            "count_nonzero": 0,
            "shares_memory": False,
        }
        return names.get(function.__name__, np.ones(self.shape, dtype=bool))

    def __array_finalize__(self, parent):
        self.liar = True

    def max(self, *args, **kwargs):
        return 0.0


def lie(result):
    deed()
    return np.array(result).view(LyingArray)
