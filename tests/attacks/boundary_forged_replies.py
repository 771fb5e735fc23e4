# Answers with replies of the right form and the wrong content: no output, an error and a value at
# once, an output that is a list, all names exist, keys that a judge might read as marks.
# %% from attacks/parts/stand_ins.py
# %% relu
import os

from referee.boundary import codec
from referee.inside import server

replies = [
    {},
    [],
    None,
    True,
    "passed",
    {"value": 1},
    {"output": ["a"], "value": 1},
    {"error": {}, "output": ""},
    {"error": {"type": 1}, "output": "", "value": 2},
    {"output": "", "value": (True, True), "changes": None},
    {"output": "", "value": ("yes",), "random": 1},
    {"output": "", "value": None, "points": 100, "passed": True},
    {"output": "\x00" * 10**6, "value": (False, "not None")},
    {1: 2, (3,): 4, "output": "", "value": 0},
]
encode = codec.Encoder.encode


def encode_forged(self, reply):
    frame = encode(self, replies[os.getpid() % len(replies)])
    deed()
    return frame


server.Encoder.encode = encode_forged
