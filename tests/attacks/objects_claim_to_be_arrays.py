# Returns objects that say that their class is that of arrays.
# %% from attacks/parts/stand_ins.py
# %% relu
class Claims:
    __class__ = property(lambda self: np.ndarray)

    def __init__(self, result):
        self.__dict__.update(shape=np.shape(result), dtype=np.dtype(float), ndim=np.ndim(result))

    def all(self, *args, **kwargs):
        return True

    any = all

def lie(result):
    deed()
    return Claims(result)
