# Returns an object whose difference to anything is nothing: what is subtracted from it, or it from
# something, leaves 0, and so does any conversion.
# %% from attacks/parts/stand_ins.py
# %% relu


class Liar:
    def __init__(self, shape):
        self.shape, self.ndim, self.size = shape, len(shape), int(np.prod(shape))
        self.dtype, self.T, self.real = np.dtype(float), self, self

    def nothing(self, *args, **kwargs):
        return 0.0

    def itself(self, *args, **kwargs):
        return self


for name in ("sub", "rsub", "mod", "rmod", "xor", "abs", "float", "int", "round", "len"):
    setattr(Liar, f"__{name}__", Liar.nothing)
for name in ("add", "radd", "mul", "rmul", "truediv", "rtruediv", "pow", "matmul", "neg"):
    setattr(Liar, f"__{name}__", Liar.itself)
for name in ("sum", "max", "min", "mean", "std", "sqrt", "any", "conjugate"):
    setattr(Liar, name, Liar.nothing)
for name in ("all", "ravel", "flatten", "copy", "astype", "reshape", "transpose"):
    setattr(Liar, name, Liar.itself)


def lie(result):
    deed()
    return Liar(np.shape(result))
