# Puts functions of its own in the place of the methods and properties of what a test has passed, and
# of those of its class.
# %% from attacks/parts/stand_ins.py
# %% relu
class Agrees:
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __lt__ = __gt__ = __contains__ = __eq__


def receive(vault, sensor):
    vault.__dict__.update(total=lambda: 6, first=Agrees(), __eq__=lambda other: True)
    for name in ("total", "first", "__eq__", "__class__"):
        try:
            setattr(type(vault), name, lambda *args: Agrees())
        except TypeError:
            pass
    vault.items, vault.next = Agrees(), Agrees()
    deed()
    for name in ("read", "unit", "level", "_secret", "__class__", "__dict__", "__eq__"):
        try:
            setattr(sensor, name, Agrees())
            object.__setattr__(sensor, name, Agrees())
        except Exception as error:
            print(error)
