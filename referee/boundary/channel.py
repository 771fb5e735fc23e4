"""Frames over a socket, by a deadline."""

import socket
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from referee.boundary.frame import HEADER, BoundaryError, FrameLimits


def send_frame(channel: socket.socket, parts: list[Any], deadline: float = float("inf")) -> None:
    """Send a frame by the deadline, in seconds of time.monotonic.

    Raises:
        TimeoutError: the deadline has passed.

    """
    for part in parts:
        _set_timeout(channel, deadline)
        channel.sendall(part)


def receive_frame(
    channel: socket.socket, limits: FrameLimits, deadline: float = float("inf")
) -> tuple[bytes, NDArray[np.uint8]]:
    """Receive the two parts of a frame by the deadline, in seconds of time.monotonic.

    Raises:
        BoundaryError: what comes is not a frame, or is too large.
        EOFError: the other side is gone.
        TimeoutError: the deadline has passed.

    """
    tree_size, arrays_size = HEADER.unpack(_receive(channel, HEADER.size, deadline).tobytes())
    if tree_size > limits.tree or arrays_size > limits.arrays:
        raise BoundaryError(
            f"a frame of {tree_size} + {arrays_size} bytes is more than the {limits.tree} + "
            f"{limits.arrays} that may cross"
        )
    tree = _receive(channel, tree_size, deadline).tobytes()
    return tree, _receive(channel, arrays_size, deadline)


def _receive(channel: socket.socket, size: int, deadline: float) -> NDArray[np.uint8]:
    content = np.empty(size, np.uint8)
    place = memoryview(content)  # type: ignore[arg-type]
    while place:
        _set_timeout(channel, deadline)
        received = channel.recv_into(place)
        if not received:
            raise EOFError
        place = place[received:]
    return content


def _set_timeout(channel: socket.socket, deadline: float) -> None:
    if deadline != float("inf"):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        channel.settimeout(left)
