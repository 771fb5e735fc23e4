"""How a test cell has ended, in words: for the student, and more of it for the teacher.

A verdict is kept in the executed notebook as an error's traceback, whose first line is the
student's. Nothing but this module relies on that.
"""

import traceback
from dataclasses import dataclass
from typing import Any, Self

import nbformat
from nbformat import NotebookNode

from referee.boundary.messages import shortened
from referee.judge.exceptions import CallLost, pythons_name, raised_by_student
from referee.judge.magics import NotInTests
from referee.judge.names import Unprepared
from referee.judge.places import NotComparable
from referee.judge.points import NoPoints
from referee.judge.time_limit import TestTimeout, time_limit
from referee.memory import memory_limit

MAX_TEXT = 10_000  # characters of a message
# Bytes and seconds for a message, which a test can leave to values of the student's to say.
MOST_MEMORY, MOST_CPU, MOST_WALL = 2**28, 2.0, 60.0
UNEXPECTED = "the result is not what was expected"
STOPPED = "Stopped"  # the name of the error of a cell that did not end by itself
IN_NOTEBOOK = "in the student's notebook:"  # comes before the lines of the student's code
ANOTHER_SIGNATURE = "Does the function take the arguments that the text names?"
NONE_RETURNED = "It is None, or has None in it. Is there a return, with all that is asked for?"
# What to look at where a test itself could not go on with a result.
LOOK_AT: dict[type[Exception], str] = {
    KeyError: "Has it all the keys that the text asks for?",
    IndexError: "Has it as many items as the text asks for?",
    AttributeError: "Is it of the type that the text asks for?",
    TypeError: "Is it of the type that the text asks for?",
    ValueError: "Is it of the type and the shape that the text asks for?",
}


@dataclass(frozen=True)
class Verdict:
    """What is said of a cell that failed: `name` and `message` are those of its error."""

    for_student: str
    for_teacher: tuple[str, ...]
    name: str
    message: str

    @classmethod
    def on(cls, error: BaseException, lines: list[str]) -> Self:
        """The verdict on an error that ended a test; `lines` are those of the test it went through.

        The line for the student has the author's text, and nothing that was compared. Nothing of it
        comes from the student's side either, which could pass on what the test gave it.
        """
        raised = raised_by_student(error)
        name = raised.name if raised else type(error).__name__
        message = _text_of(error)
        more = list(lines)
        if raised and raised.traceback:
            more += [IN_NOTEBOOK, *raised.traceback.splitlines()]
        if isinstance(error, CallLost) and error.detail:
            more.append(error.detail)
        return cls(_for_student(error), (*more, f"{name}: {message}"), name, message)

    @classmethod
    def stopped(cls, reason: str) -> Self:
        """The verdict on a cell that did not end by itself, or was not run at all."""
        return cls(reason, (), STOPPED, reason)

    @classmethod
    def read(cls, output: NotebookNode) -> Self:
        """The verdict that an error in an executed notebook holds."""
        first, *rest = output.traceback or [""]
        return cls(first, tuple(rest), output.ename, output.evalue)

    @property
    def test_lines(self) -> tuple[str, ...]:
        """The lines of the test that it went through."""
        return self.for_teacher[:-1][: self._place_of_students_lines]

    @property
    def students_lines(self) -> tuple[str, ...]:
        """The lines of code that an exception came through, as the student's kernel says."""
        return self.for_teacher[:-1][self._place_of_students_lines + 1 :]

    @property
    def _place_of_students_lines(self) -> int:
        lines = self.for_teacher
        return lines.index(IN_NOTEBOOK) if IN_NOTEBOOK in lines else len(lines)

    def to_output(self) -> NotebookNode:
        """The error that holds it."""
        lines = [self.name, self.message, self.for_student, *self.for_teacher]
        name, message, *traceback = (shortened(line, len(line)) for line in lines)
        return nbformat.v4.new_output("error", ename=name, evalue=message, traceback=traceback)

    def output_for_student(self) -> NotebookNode:
        """An error that says to the student what is meant for them, and nothing else."""
        return nbformat.v4.new_output("error", ename="", evalue="", traceback=[self.for_student])


def _text_of(said: Any) -> str:
    """A message, which may ask an object of the student's for its text."""
    try:
        with memory_limit(MOST_MEMORY), time_limit(MOST_WALL, MOST_CPU):
            return str(said)[:MAX_TEXT]
    except (Exception, TestTimeout):
        return "(its message cannot be shown)"


def _for_student(error: BaseException) -> str:
    if raised := raised_by_student(error):
        name = pythons_name(error)
        if name == "TypeError" and not raised.traceback:  # no line of the function has run
            return f"your code raised {name}. {ANOTHER_SIGNATURE}"
        return f"your code raised {name}"
    if isinstance(error, CallLost):
        return error.for_student
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_globals.get("__name__", "").startswith("numpy.testing"):
            said = frame.f_locals.get("err_msg")
            return said if said and isinstance(said, str) else UNEXPECTED
    if isinstance(error, AssertionError):
        return _text_of(error) or UNEXPECTED
    if isinstance(error, NoPoints):
        return str(error)
    if isinstance(error, Unprepared):
        return "this test needs another one before it, which could not be finished"
    if isinstance(error, NotComparable | NotInTests):
        return "this test cannot be judged by itself; your teacher sees why"
    if isinstance(error, NameError):
        return f"your notebook does not define {error.name}" if error.name else "a name is missing"
    if isinstance(error, TypeError | AttributeError) and "NoneType" in _text_of(error):
        return f"the result cannot be checked. {NONE_RETURNED}"
    hint = next((said for kind, said in LOOK_AT.items() if isinstance(error, kind)), "")
    return f"the result cannot be checked ({type(error).__name__}){hint and f'. {hint}'}"
