# Returns dataclasses that take part in comparisons and conversions as they like.
# %% from attacks/parts/stand_ins.py
# %% relu
import dataclasses


@dataclasses.dataclass(eq=True, order=True)
class Result:
    shape: tuple

    def __post_init__(self):
        self.__dataclass_fields__ = {}

    def __eq__(self, other):
        return True

    def __iter__(self):
        return iter([self])

def lie(result):
    deed()
    return Result(np.shape(result))
