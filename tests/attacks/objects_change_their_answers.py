# Returns objects with the right shape and size, whose other attributes are others each time.
# %% from attacks/parts/stand_ins.py
# %% relu
import itertools


class Changes:
    numbers = itertools.count()

    def __init__(self, result):
        self.shape, self.size, self.ndim, self.dtype = (
            result.shape, result.size, result.ndim, result.dtype,
        )

    def __getattr__(self, name):
        return self if next(self.numbers) % 2 else (lambda *args, **kwargs: 0.0)

    def __float__(self):
        return float(next(self.numbers))

def lie(result):
    deed()
    return Changes(np.asarray(result))
