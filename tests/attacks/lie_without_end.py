# Returns an object with more items than there is memory for, whose text, attributes and iterators do
# not end either.
# %% from attacks/parts/stand_ins.py
# %% relu


class Endless:
    def __len__(self):
        return 10**12

    def __getitem__(self, key):
        return Endless()

    def __iter__(self):
        return self

    def __next__(self):
        return Endless()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Endless()

    def __call__(self, *args, **kwargs):
        return Endless()

    def __repr__(self):
        return "x" * 10**6

    def __dir__(self):
        return ["x" * 1000] * 10**5


def lie(result):
    deed()
    return Endless()
