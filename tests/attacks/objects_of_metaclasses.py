# Returns classes whose metaclass says that they are equal to all, instances of all, and true.
# %% from attacks/parts/stand_ins.py
# %% relu
class Meta(type):
    def __eq__(cls, other):
        return True

    def __instancecheck__(cls, instance):
        return True

    def __subclasscheck__(cls, subclass):
        return True

    def __len__(cls):
        return 1

    def __iter__(cls):
        return iter([cls])

    __ne__ = __lt__ = __gt__ = __le__ = __ge__ = __eq__
    __hash__ = type.__hash__


class Anything(metaclass=Meta):
    pass

def lie(result):
    deed()
    return Anything
