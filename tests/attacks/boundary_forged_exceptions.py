# Describes its exceptions with names that a careless judge looks up, raises or opens: SystemExit,
# paths, the judge's own classes, attributes of builtins that are no exceptions.
# %% from attacks/parts/stand_ins.py
# %% relu
import os

from referee.inside import server

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
    return server.Raised(name, name, text, text * 3)


server.describe = describe


def lie(result):
    raise ValueError("described by the cheater")
