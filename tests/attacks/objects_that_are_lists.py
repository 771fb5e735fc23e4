# Returns lists, tuples and dictionaries of own classes, with other texts, lengths and methods.
# %% from attacks/parts/stand_ins.py
# %% relu
class Listed(list):
    shape = property(lambda self: (len(self), 1))
    dtype = np.dtype(float)

    def equals(self, other):
        return True

    def __eq__(self, other):
        return True

    def __len__(self):
        return 3

    def __repr__(self):
        return "1000"

    def __getattr__(self, name):
        return self.equals

def lie(result):
    deed()
    return Listed([9.0] * (len(result) if np.ndim(result) else 1))
