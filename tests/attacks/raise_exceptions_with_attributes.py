# Raises exceptions that claim to be the judge's own, with attributes that it looks for.
# %% from attacks/parts/stand_ins.py
# %% relu
class Claimed(AssertionError):
    raised = known_to_test = _remote_object = _remote_class = None
    args = property(lambda self: ("passed",))
    __class__ = property(lambda self: StopIteration)

    def __init__(self, *args):
        self.known_to_test = 0

    def __getattr__(self, name):
        return True


Claimed.__name__ = Claimed.__qualname__ = "NotComparable"

def lie(result):
    deed()
    raise Claimed(result)
