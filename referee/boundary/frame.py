"""Frames: how values look as bytes, and how much of them may cross.

A frame is a header (the sizes of two parts), a msgpack tree of nodes, and the arrays' bytes. A node
is a plain scalar, or a list of a tag and its fields. Objects that can be shared or changed have
numbers, in the order in which they first appear, so that a second appearance is a reference.
"""

import re
import struct
from dataclasses import dataclass, replace
from enum import IntEnum

MAX_TREE = 2 * 2**20  # bytes of a frame's tree, objects as they print; memory: 180 times as much
MAX_ARGUMENTS = 64 * 2**20  # bytes of the tree of what the judge sends, where no course sets it
ANY_TREE = 2**40  # what the student's side takes: the judge has made it
MAX_FRAME = 2**30  # bytes of a frame's arrays
HEADER = struct.Struct("<QQ")
# Nothing wider than 8 bytes a float: what a processor has no instructions for takes a test hours.
DTYPE = re.compile(
    r"[<>|=](b1|[iu][1248]|f[248]|c(8|16)|S[1-9]\d{0,8}|U[1-9]\d{0,8}"
    r"|[mM]8\[(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])"
)


class BoundaryError(Exception):
    """What came cannot be a value, or a value cannot cross; the message says why."""


class Tag(IntEnum):
    """What a node that is not a plain scalar stands for, and in the comment its fields."""

    REFERENCE = 0  # number of an object of this frame
    SENT = 1  # number of an object of the frame that this one answers
    LIST = 2  # nodes
    TUPLE = 3  # nodes
    SET = 4  # nodes
    DICT = 5  # nodes of keys and values in turn
    ARRAY = 6  # dtype (see `dtypes`), shape, order, writeable; its bytes are the next of the frame
    SCALAR = 7  # dtype, bytes
    TEXT_SCALAR = 8  # str or bytes of numpy.str_ or numpy.bytes_
    COMPLEX = 9  # real, imaginary
    INT = 10  # hexadecimal digits
    LIKE = 11  # handle of the object whose class this has, or its path; node of what it contains
    HANDLE = 12  # handle, name of the type, whether it can be called, and of a member of an
    # enumeration the module and the name of this, and its own name
    FROZENSET = 14  # nodes
    KIND = 13  # name of a kind of `kinds`, nodes of its parts
    INSTANCE = 15  # number to be kept, module and name of its class; names and nodes of attributes,
    # if they do not follow as a state
    KEEP = 16  # number to be kept, node of the object
    KEPT = 17  # number of an object that is kept
    KEEPING = 18  # node of the frame's value, states of kept objects: their numbers, and for an
    # instance names, nodes of the attributes and names of those that are gone; or a node
    VIEW = 19  # number of an array of the frame that this one answers, shape, strides, first byte,
    # writeable
    OF_TEST = 20  # number of an object of the test's; to the student, also what it is


@dataclass(frozen=True)
class FrameLimits:
    """How much a frame may hold, in bytes."""

    tree: int = MAX_TREE
    arrays: int = MAX_FRAME

    def with_tree(self, tree: int) -> "FrameLimits":
        """The same, with another limit on the tree."""
        return replace(self, tree=tree)
