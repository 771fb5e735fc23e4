"""Ctrl-C, and other signals that end a program, while a batch is under way."""

import signal
from types import FrameType
from typing import Self

from referee.batch.view import BatchView


class Interrupts:
    """Ctrl-C: once to finish what is running and end, twice to end now.

    Other signals that end a program end it now too, but not before it has tidied up.
    """

    def __init__(self, view: BatchView) -> None:
        self.view = view
        self.count = 0

    def __enter__(self) -> Self:
        self._before = {
            signal.SIGINT: signal.signal(signal.SIGINT, self._interrupt),
            signal.SIGTERM: signal.signal(signal.SIGTERM, self._end),
            signal.SIGHUP: signal.signal(signal.SIGHUP, self._end),
        }
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def wanted(self) -> bool:
        """Whether the batch should come to its end."""
        return self.count > 0

    def _interrupt(self, _: int, __: FrameType | None) -> None:
        self.count += 1
        if self.count > 1:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a third time leaves all as it is
            raise KeyboardInterrupt
        self.view.say("Ending when what is running is done; Ctrl-C again ends now")

    def _end(self, number: int, _: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        self.view.say("Ending now; what was graded is recorded, run again to go on")
        raise SystemExit(128 + number)
