# Returns objects that change their class each time that they are looked at.
# %% from attacks/parts/stand_ins.py
# %% relu
class First:
    def __getattribute__(self, name):
        object.__setattr__(self, "__class__", Second)
        return 0.0


class Second(First):
    def __getattribute__(self, name):
        object.__setattr__(self, "__class__", First)
        return self

    def __eq__(self, other):
        return True

def lie(result):
    deed()
    return First()
