"""For how long the code of a notebook may do nothing: less, the longer it has done so."""

import math
from collections import defaultdict

from referee.model.limits import Limits

MOMENT = 0.5  # seconds
SEVERAL_TIMES = 1.5  # what sleeps a little less than it may, and is asked again and again


class Patience:
    """The idle seconds that are left for the cells and the functions of a notebook.

    One of them has `Limits.blocked`, and one and a half times as long over the whole notebook; all
    have `Limits.notebook_blocked` together. Each time that something had to be stopped, the others
    have half as long as before: what they call may be the same. At the end there is a moment, a
    little longer than a function takes to stop itself (`inside.server.guarded`), for a method or
    the text of an exception does not.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._idle: defaultdict[str, float] = defaultdict(float)  # seconds of each
        self._all = 0.0
        self._stops = 0

    def left(self, name: str) -> float:
        """Seconds in which it may do nothing now."""
        limits = self._limits
        moment = min(limits.blocked, limits.hanging_call_wall + MOMENT)
        each = limits.blocked / 2**self._stops
        of_its_own = SEVERAL_TIMES * limits.blocked - self._idle[name]
        of_all = limits.notebook_blocked - self._all
        return max(moment, min(each, of_its_own, of_all))

    def spend(self, name: str, seconds: float) -> None:
        """It has done nothing for so long; less than zero, if it has worked since."""
        self._idle[name] = max(0.0, self._idle[name] + seconds)
        self._all = max(0.0, self._all + seconds)

    def end(self, name: str) -> None:
        """It did nothing until it was stopped."""
        if self._idle[name] != math.inf:
            self._stops += 1
        self._idle[name] = math.inf
