# Returns objects that are as long as they should be when first asked, and empty from then on.
# %% from attacks/parts/stand_ins.py
# %% relu
class Shrinks:
    def __init__(self, result):
        self.lengths = [len(result) if np.ndim(result) else 1]
        self.shape = np.shape(result)

    def __len__(self):
        return self.lengths.pop() if self.lengths else 0

    def __iter__(self):
        return iter(())

    def __getitem__(self, place):
        raise IndexError(place)

def lie(result):
    deed()
    return Shrinks(result)
