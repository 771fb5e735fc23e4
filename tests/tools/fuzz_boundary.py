"""Looks for bytes that the judge's decoder does not withstand, guided by what they reach in it.

    python -m tests.tools.fuzz_boundary --seconds 600

Exits with an error and writes the bytes to fuzz-finding if something other than plain data or
BoundaryError comes of them, or if they take too long.
"""

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

import atheris  # type: ignore[import-untyped]
import numpy as np

with atheris.instrument_imports(include=["referee.boundary"]):
    import referee.boundary.codec  # noqa: F401 - before anything else imports it, uninstrumented

from referee.boundary.frame import HEADER, Tag
from referee.boundary.messages import Raised
from tests.support.frames import (
    CHANGES,
    HOSTILE,
    STATES,
    call_back,
    encoded,
    frame_of,
    reply,
    survives,
)
from tests.support.kinds import EXAMPLES, FORGED, SWAPPED

SECONDS_AN_INPUT = 20
MEGABYTES = 2048
OWN = ("Own", "JSONDecodeError")
MODULES = ("__main__", "json.decoder")
RAISED = [
    Raised("ValueError", "Own", "a message", "line 1", OWN[:1], 0),
    Raised("ValueError", "Own", "no", "", OWN, None, MODULES, ("no", "{", 1)),
    Raised(
        "KeyError", "Own", "no", "", OWN, None, MODULES, ("no",), ((1, "KeyError"), ("Exception",))
    ),
    Raised("OSError", "FileNotFoundError", "[Errno 2] a: 'b'", "", (), None, (), (2, "a", "b")),
    Raised("UnicodeDecodeError", "E", "b", "", (), None, (), ("a", b"b", 0, 1, "c")),
    Raised("KeyError", "KeyError", "(1, [2])", "", (), None, (), ((1, [2]),)),
]
LARGEST = 4096  # bytes of an input


def start_values() -> list[bytes]:
    """Frames to start from, so that not all of the format has to be found out by chance."""
    values = [make() for _, make in CHANGES]
    kinds = [1, 2**70, 1j, "text", b"bytes", (1, {2}), np.float32(1), np.str_("a"), np.array(["a"])]
    kinds += [np.longdouble(1), np.ones(2, np.clongdouble), np.ones(2, ">c16")]
    kinds += [frozenset([1]), *EXAMPLES.values(), *(swapped for swapped, _ in SWAPPED.values())]
    hostile = [frame_of(tree) for tree in (*HOSTILE.values(), *STATES.values())]
    hostile += [frame_of(*(made if type(made) is tuple else (made,))) for made in FORGED.values()]
    said = [reply(changes=[(0, {})]), call_back()]
    said += [reply(error=vars(raised), object=None) for raised in RAISED]
    said += [
        reply(error=vars(RAISED[0]), object=None, attributes={"number": 1, "__notes__": ["a"]})
    ]
    said += [frame_of([Tag.LIST, [[Tag.HANDLE, 1, "Own", True]]])]
    said += [call_back(number=1, operation="next", args=(), kwargs={})]
    said += [frame_of([Tag.LIST, [[Tag.OF_TEST, 0], [Tag.HANDLE, 1, "function", True]]])]
    return [*map(encoded, [*values, *kinds]), *hostile, *said]


def try_one(content: bytes) -> None:
    """Decode some bytes: how much of them is the tree, the tree, and what is in the arrays."""
    if len(content) < 2:
        return
    tree_size = int.from_bytes(content[:2], "little")
    tree, arrays = content[2:][:tree_size], content[2:][tree_size:]
    survives(frame_of(tree, arrays))


def main() -> None:
    """Fuzz for some seconds, or with so many inputs."""
    parser = argparse.ArgumentParser(description=__doc__)
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--seconds", type=int, default=60)
    amount.add_argument("--inputs", type=int)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31 - 1) + 1)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as corpus:
        for number, frame in enumerate(start_values()):
            tree_size, _ = HEADER.unpack_from(frame)
            if len(frame) < LARGEST:
                content = tree_size.to_bytes(2, "little") + frame[HEADER.size :]
                (Path(corpus) / str(number)).write_bytes(content)
        arguments = [
            sys.argv[0],
            corpus,
            f"-runs={options.inputs}" if options.inputs else f"-max_total_time={options.seconds}",
            f"-seed={options.seed}",
            f"-timeout={SECONDS_AN_INPUT}",
            f"-rss_limit_mb={MEGABYTES}",
            f"-max_len={LARGEST}",
            "-exact_artifact_path=fuzz-finding",
            "-verbosity=0",
            "-print_final_stats=1",
        ]
        atheris.Setup(arguments, try_one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
