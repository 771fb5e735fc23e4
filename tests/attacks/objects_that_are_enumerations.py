# Returns members of an enumeration that equal all and have all values.
# %% from attacks/parts/stand_ins.py
# %% relu
import enum


class Number(enum.IntEnum):
    ANY = 9

    def __eq__(self, other):
        return True

    def __float__(self):
        raise OverflowError

    __hash__ = enum.IntEnum.__hash__


class Shape(enum.Enum):
    ANY = "any"

def lie(result):
    deed()
    return Number.ANY
