"""Frames over a socket, by a deadline."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from referee.boundary.frame import HEADER, BoundaryError, FrameLimits

SMALL = 2**16  # bytes
TICK = 0.25  # seconds between two questions of how much time is left

TimeLeft = Callable[[], float]  # in seconds


def always() -> float:
    """There is no deadline."""
    return float("inf")


def send_frame(channel: socket.socket, parts: list[Any], left: TimeLeft = always) -> None:
    """Send a frame while there is time left.

    Raises:
        TimeoutError: there is none.

    """
    for part in _small_ones_joined(parts):
        content = memoryview(part)
        content = content.cast("B") if content.nbytes else content[:0]
        while content:
            _wait_at_most(channel, left)
            try:
                content = content[channel.send(content) :]
            except TimeoutError:
                continue


def _small_ones_joined(parts: list[Any]) -> Iterator[Any]:
    """The parts; small ones that follow one another are one, for each costs a system call."""
    small: list[Any] = []
    for part in parts:
        if memoryview(part).nbytes < SMALL:
            small.append(part)
            continue
        yield b"".join(small)
        yield part
        small = []
    yield b"".join(small)


def receive_frame(
    channel: socket.socket, limits: FrameLimits, left: TimeLeft = always
) -> tuple[bytes, NDArray[np.uint8]]:
    """Receive the two parts of a frame while there is time left.

    Raises:
        BoundaryError: what comes is not a frame, or is too large.
        EOFError: the other side is gone.
        TimeoutError: there is none.

    """
    tree_size, arrays_size = HEADER.unpack(_receive(channel, HEADER.size, left).tobytes())
    if tree_size > limits.tree or arrays_size > limits.arrays:
        raise BoundaryError(
            f"a frame of {tree_size} + {arrays_size} bytes is more than the {limits.tree} + "
            f"{limits.arrays} that may cross"
        )
    tree = _receive(channel, tree_size, left).tobytes()
    return tree, _receive(channel, arrays_size, left)


def _receive(channel: socket.socket, size: int, left: TimeLeft) -> NDArray[np.uint8]:
    content = np.empty(size, np.uint8)
    place = memoryview(content)  # type: ignore[arg-type]
    while place:
        _wait_at_most(channel, left)
        try:
            received = channel.recv_into(place)
        except TimeoutError:
            continue
        if not received:
            raise EOFError
        place = place[received:]
    return content


def _wait_at_most(channel: socket.socket, left: TimeLeft) -> None:
    seconds = left()
    if seconds <= 0:
        raise TimeoutError
    if seconds != float("inf") and channel.gettimeout() != min(TICK, seconds):
        channel.settimeout(min(TICK, seconds))
