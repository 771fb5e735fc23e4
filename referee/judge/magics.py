"""IPython's magics in test cells: those that make sense outside of a kernel, as plain Python.

The others are refused by name. Lines keep their numbers.
"""

import ast
import re
import sys
from functools import lru_cache
from io import StringIO

from IPython.core.inputtransformer2 import TransformerManager
from IPython.utils.capture import CapturedIO

from referee.notebook.syntax import syntax_tree

# What they set up is a kernel's: how it shows plots, which files it loads again.
WITHOUT_EFFECT = ("matplotlib", "config", "load_ext", "reload_ext", "autoreload", "precision")
TIMED = ("time", "timeit")  # what they time is run once
OPTION = re.compile(r"\s*-(?:[nr]\s*\d+|[qoctpv]+)(?=\s|$)")
HISTORY = re.compile(r"In|Out|_+|_i+|_(ih|oh|dh)|_i?\d+")


class NotInTests(Exception):  # noqa: N818 - a test that cannot be judged is no error of ours
    """A test cell uses what only a notebook has; the message tells the teacher what to write."""


@lru_cache(10_000)  # it is asked of every name that a test uses, each time
def is_of_history(name: str) -> bool:
    """Whether a name is IPython's, for the cells of a notebook or their values."""
    return HISTORY.fullmatch(name) is not None


@lru_cache(1000)
def without_magics(source: str) -> str:
    """A test cell's code as plain Python.

    Raises:
        NotInTests: a magic or a command of the shell makes no sense in a test.

    """
    if _is_python(source):
        return source
    lines = source.splitlines()
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if lines and lines[first].startswith("%%"):
        lines[first] = _of_cell_magic(lines[first])
    marked = "\n".join([MARK, *lines])  # which keeps IPython from removing empty lines
    changed = TransformerManager().transform_cell(marked).splitlines()[1:]
    if len(changed) != len(lines):
        return source
    plain = [old if old == new else _of_line(new) for old, new in zip(lines, changed, strict=True)]
    return "\n".join(plain)


MARK = "# a test cell"


def captured() -> CapturedIO:
    """What is printed from here to the end of the cell."""
    sys.stdout = StringIO()  # the judge has its own back afterwards
    return CapturedIO(sys.stdout, StringIO())


def _is_python(source: str) -> bool:
    try:
        syntax_tree(source)
    except (SyntaxError, ValueError):
        return False
    return True


def _of_cell_magic(line: str) -> str:
    """The line that takes the place of a cell's magic."""
    name, _, rest = line[2:].strip().partition(" ")
    if name in TIMED and not OPTION.sub("", rest).strip():
        return ""
    if name == "capture":
        into = [word for word in rest.split() if word.isidentifier()]
        make = f"__import__({__name__!r}, fromlist=['captured']).captured()"
        return f"{into[0]} = {make}" if into else ""
    raise NotInTests(f"%%{name} cannot be used in a test cell; {_instead(name)}")


def _of_line(line: str) -> str:
    """What takes the place of a line with a magic, as IPython has transformed it."""
    indent = line[: len(line) - len(line.lstrip())]
    match syntax_tree(line.strip()).body:
        case [ast.Expr(ast.Call(ast.Attribute(attr="run_line_magic"), [name, text]))]:
            magic, given = ast.literal_eval(name), ast.literal_eval(text)
            if magic in WITHOUT_EFFECT:
                return f"{indent}pass"
            if magic in TIMED:
                return f"{indent}{OPTION.sub('', given).strip() or 'pass'}"
            raise NotInTests(f"%{magic} cannot be used in a test cell; {_instead(magic)}")
        case [ast.Assign(value=ast.Call(ast.Attribute(attr="run_line_magic"), [name, _]))]:
            magic = ast.literal_eval(name)
            raise NotInTests(f"the value of %{magic} cannot be used in a test cell")
    raise NotInTests(
        "!commands, help and the like cannot be used in a test cell; write Python, or have an "
        "ordinary cell do it"
    )


def _instead(magic: str) -> str:
    if magic in ("run", "load", "writefile", "bash", "sh", "script", "html", "javascript"):
        return "put it into an ordinary cell"
    return "write it as plain Python"
