# Returns objects whose attributes are descriptors that take over what asks for them.
# %% from attacks/parts/stand_ins.py
# %% relu
class Lying:
    def __get__(self, instance, owner):
        return self

    def __set__(self, instance, value):
        pass

    def __call__(self, *args, **kwargs):
        return True

    def __eq__(self, other):
        return True


class Described:
    shape = size = dtype = T = mean = sum = all = any = max = astype = copy = Lying()
    __eq__ = __sub__ = __rsub__ = __array_priority__ = Lying()

def lie(result):
    deed()
    return Described()
