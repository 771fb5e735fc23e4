"""What a worker and a grading process say to each other: typed messages over a socket.

The worker believes nothing: each message is decoded as exactly one of these types, and none may be
larger than a limit of the course's.
"""

import socket
import struct
from collections.abc import Callable
from enum import Enum
from typing import TypeVar

import msgspec

from referee.model.outcomes import Trouble
from referee.model.work import Pages, PageWork, Result, Work

T = TypeVar("T")

HEADER = struct.Struct("<Q")  # bytes of the message that follows
TICK = 0.5  # seconds between two looks at the clock while nothing comes


class Phase(Enum):
    """What a grading process is doing."""

    READING = "reading the notebook"
    CELL = "running a cell"
    TEST = "judging a test cell"
    PAGES = "writing feedback pages"


class Skip(msgspec.Struct, frozen=True):
    """A cell that is not run, because a grading process has ended at it."""

    notebook: str
    cell: str
    trouble: Trouble


class Grade(msgspec.Struct, frozen=True, tag=True):
    """Grade a submission, but for these cells."""

    work: Work
    skipped: tuple[Skip, ...] = ()


class GiveUp(msgspec.Struct, frozen=True, tag=True):
    """Make a result without the submission's notebooks: of the points that were found, by notebook.

    `trouble` says why there is no more; with `known`, marks and all are there, and only notebooks
    and pages are to be made.
    """

    work: Work
    trouble: Trouble
    points: dict[str, dict[str, float | None]]
    known: Result | None = None


class WritePages(msgspec.Struct, frozen=True, tag=True):
    """Write feedback pages anew."""

    work: PageWork


class At(msgspec.Struct, frozen=True, tag=True):
    """What is done from now on, and at which cell."""

    phase: Phase
    notebook: str = ""
    cell: str = ""


class Scored(msgspec.Struct, frozen=True, tag=True):
    """A test cell has given these points; None are for a human to give."""

    notebook: str
    cell: str
    points: float | None


class Graded(msgspec.Struct, frozen=True, tag=True):
    """The submission is graded; its pages may follow."""

    result: Result


class Written(msgspec.Struct, frozen=True, tag=True):
    """The pages are written, and that was all."""

    pages: Pages


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The grading process has failed, by an error of ours."""

    traceback: str


Request = Grade | GiveUp | WritePages
Report = At | Scored | Graded | Written | Failed


class MessageError(Exception):
    """What came is no message, or is too large."""


def send(channel: socket.socket, message: msgspec.Struct) -> None:
    """Send a message."""
    content = msgspec.msgpack.encode(message)
    channel.sendall(HEADER.pack(len(content)))
    channel.sendall(content)


def receive(
    channel: socket.socket, kind: type[T], limit: int, on_tick: Callable[[], None] = lambda: None
) -> T:
    """Receive a message of this kind and at most so many bytes.

    `on_tick` is called now and then while nothing comes, and ends the waiting when it raises.

    Raises:
        EOFError: the other side is gone.
        MessageError: what comes is no such message.

    """
    (size,) = HEADER.unpack(_receive(channel, HEADER.size, on_tick))
    if size > limit:
        raise MessageError(f"a message of {size} bytes, where {limit} may come")
    try:
        return msgspec.msgpack.decode(_receive(channel, size, on_tick), type=kind)
    except msgspec.DecodeError as error:
        raise MessageError(str(error)) from error


def _receive(channel: socket.socket, size: int, on_tick: Callable[[], None]) -> bytearray:
    content = bytearray(size)
    place = memoryview(content)
    timeout = channel.gettimeout()
    channel.settimeout(TICK)
    try:
        while place:
            on_tick()
            place = place[_some(channel, place) :]
    finally:
        channel.settimeout(timeout)  # which is for sending, too
    return content


def _some(channel: socket.socket, place: memoryview) -> int:
    """Receive what has come by the next tick: how many bytes."""
    try:
        received = channel.recv_into(place)
    except TimeoutError:
        return 0
    except ConnectionError:
        received = 0
    if not received:
        raise EOFError
    return received
