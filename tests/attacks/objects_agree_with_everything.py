# Returns objects whose every attribute is a method that says yes, and that equal all.
# %% from attacks/parts/stand_ins.py
# %% relu
class Agrees:
    def __getattr__(self, name):
        return lambda *args, **kwargs: True

    def __eq__(self, other):
        return True

    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    __hash__ = object.__hash__

def lie(result):
    deed()
    return Agrees()
