"""What formgrader answers when its Autograde button is pressed: sentences, and not each step.

nbgrader collects all that its converter logs, as text, and shows that.
"""

import logging
from io import StringIO
from itertools import dropwhile

from referee.errors import RefereeError
from referee.text import one_line

RESULT = {"referee_result": True}  # the `extra` of a record that the answer is about
# What nbgrader says besides of a submission that is graded again, or cannot be graded.
NOT_SAID = (
    "Removing existing assignment",
    "Removing failed assignment",
    "There was an error processing assignment",
    "Please see the",
)
TRACEBACK = "Traceback (most recent call last)"
OURS = f"{RefereeError.__module__}.{RefereeError.__qualname__}: "  # followed by a sentence
MAX_REASON = 1000  # characters


def shorten_answer(log: logging.Logger) -> None:
    """Let what is collected of a log, if anything, be results, warnings and reasons of errors."""
    for handler in log.handlers:
        if isinstance(handler, logging.StreamHandler) and isinstance(handler.stream, StringIO):
            handler.addFilter(_is_said)
            handler.setFormatter(_Sentences())


def _is_said(record: logging.LogRecord) -> bool:
    if hasattr(record, *RESULT):
        return True
    return record.levelno >= logging.WARNING and not record.getMessage().startswith(NOT_SAID)


class _Sentences(logging.Formatter):
    """Writes messages without their level, and of a traceback the exception only."""

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        return _reason(message) if message.startswith(TRACEBACK) else message


def _reason(traceback: str) -> str:
    """The exception that a traceback ends with, in one line."""
    frames_and_end = traceback.rpartition(TRACEBACK)[2].splitlines()[1:]
    end = one_line("\n".join(dropwhile(lambda line: line.startswith(" "), frames_and_end)))
    return end.removeprefix(OURS)[:MAX_REASON]
