# Returns figures and axes, whose attributes are those of arrays and equal all.
# %% from attacks/parts/stand_ins.py
# %% relu
from matplotlib.figure import Figure


class Plot(Figure):
    shape = property(lambda self: (3, 3))

    def __len__(self):
        return 3

    def __eq__(self, other):
        return True

    def __array__(self, *args, **kwargs):
        return np.zeros((3, 3))

    __hash__ = Figure.__hash__

def lie(result):
    deed()
    return Plot()
