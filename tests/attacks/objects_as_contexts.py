# Returns contexts that hide whatever is raised in them.
# %% from attacks/parts/stand_ins.py
# %% relu
import contextlib


class Hides(contextlib.ContextDecorator):
    def __enter__(self):
        return self

    def __exit__(self, *args):
        return True

def lie(result):
    deed()
    return Hides()
