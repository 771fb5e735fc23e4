# Returns an object that shows a different array each time NumPy asks for one, and that guesses from
# the caller what is expected.
# %% from attacks/parts/stand_ins.py
# %% relu
import sys


class Chameleon:
    def __init__(self, shape):
        self.shape, self.ndim, self.size, self.asked = shape, len(shape), int(np.prod(shape)), 0

    def __array__(self, dtype=None, copy=None):
        self.asked += 1
        frame = sys._getframe(1)
        while frame:
            for name in ("desired", "y", "expected"):
                if name in frame.f_locals and frame.f_locals[name] is not self:
                    return np.array(frame.f_locals[name], dtype=float)
            frame = frame.f_back
        return np.full(self.shape, float(self.asked))

    @property
    def __array_interface__(self):
        return {"shape": self.shape, "typestr": "<f8", "version": 3, "data": (id(self), False)}

    def __getitem__(self, key):
        return self.__array__()[key]


def lie(result):
    deed()
    return Chameleon(np.shape(result))
