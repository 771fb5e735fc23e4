"""A module that lies beside the notebook."""

from enum import Enum


class Box:
    """A box with sides of one length."""

    def __init__(self, side):
        self.side = side

    def area(self):
        """The area of a side."""
        return self.side**2


class Colour(Enum):
    """The colours of boxes."""

    RED = 1
    BLUE = 2


class Stock(dict[str, int]):
    """How many there are of each thing."""
