# Describes its exceptions with names that a careless judge looks up, raises or opens: SystemExit,
# paths, the judge's own classes, attributes of builtins that are no exceptions.
# %% from attacks/parts/stand_ins.py
# %% relu
import os

from referee.boundary import student

names = [
    "SystemExit",
    "KeyboardInterrupt",
    "GeneratorExit",
    "StopIteration",
    "BaseExceptionGroup",
    "../../../gradebook.db",
    "CallLost",
    "BoundaryError",
    "eval",
    "exit",
    "object",
    "__import__",
    "UnicodeDecodeError",
    "ExceptionGroup",
    "Warning",
    "OSError",
    "SyntaxError",
    "",
    "\x00",
    5,
    None,
]


def describe(error):
    name = names[os.getpid() % len(names)]
    text = "x" * 100_000 + "\udcff\x1b[2J<script>REFEREE-XSS</script>"
    deed()
    return {"type": name, "name": name, "message": text, "traceback": text * 3}


student.describe = describe


def lie(result):
    raise ValueError("described by the cheater")
