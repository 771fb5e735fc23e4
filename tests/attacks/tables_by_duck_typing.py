# Returns objects with the marks by which pandas and SymPy know their own.
# %% from attacks/parts/stand_ins.py
# %% relu
class Duck:
    _typ, _op_priority, _mgr, _data, ndim = "dataframe", 1e9, None, None, 2

    def __init__(self, result):
        self.shape = np.shape(result)

    def _sympy_(self):
        return 0

    def to_numpy(self, *args, **kwargs):
        return np.zeros(self.shape)

    values = array = property(to_numpy)

    def __dataframe__(self, *args, **kwargs):
        return self

def lie(result):
    deed()
    return Duck(result)
