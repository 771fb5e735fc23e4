"""The two real sides of the boundary, connected by a socket pair; the student's is in a thread."""

import socket
import threading
import time
from typing import Any

from referee.inside.server import Session
from referee.judge.exceptions import ProcessEnd
from referee.judge.remote import CallClock, Fork
from tests.support.frames import LIMITS, PRINTED


def connect(names: dict[str, Any], patience: float = 30) -> tuple[Fork, socket.socket]:
    """The judge's side, connected with the student's in a thread."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with theirs:
            Session(theirs, names, LIMITS, PRINTED).serve()

    threading.Thread(target=serve, daemon=True).start()
    return Fork(ours, LIMITS, CallClock(time.monotonic() + patience), ProcessEnd), ours


class Student:
    """Calls functions as if they were a student's."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self.fork, self.channel = connect(self.names)

    def has(self, value: Any) -> Any:
        """What the judge sees of a value of the student's notebook."""
        self.names["value"] = value
        return self.fork.look_up("value")


def called(function: Any, *args: Any) -> Any:
    """What a function gives that is called as a student's."""
    student = Student()
    with student.channel:
        return student.has(function)(*args)
