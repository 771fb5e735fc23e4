"""The commands that the guides and the README tell people to run, and whether there are such."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
from nbgrader.apps import NbGraderApp
from traitlets.config import Application
from traitlets.utils.importstring import import_item

from referee.cli import referee
from tests.support.solutions import REPO

DOCS = REPO / "docs"
HISTORY = "CHANGELOG.md"  # says what there was
PAGES = sorted(
    path for path in [*REPO.glob("*.md"), *DOCS.rglob("*.md")] if path.name != HISTORY
)  # fmt: skip
BLOCK = re.compile(r"^( *)```console\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
IN_TEXT = re.compile(
    r"(?<!`)`((?:referee|nbgrader|dask|make|pytest|(?:\.venv/bin/)?python) [^`]+)`"
)
PLACEHOLDER = re.compile(r"\b[A-Z]{2,}\b|\.\.\.|/path/to/")
# What a shell has, and programs whose arguments are files.
OTHERS = {"cd", "cp", "echo", "git", "mkdir", "rm", "source", ".ci/run"}
SUBCOMMANDS = {
    "jupyter": {"lab"},
    "pip": {"install"},
    "uv": {"build", "lock"},
}


class NoSuchCommand(Exception):  # noqa: N818 - it is what the test fails with
    """A guide tells people to run what there is not; says what is wrong with it."""


@dataclass(frozen=True)
class Command:
    """A command of a page. `complete` if it is to be run as it stands, and is no mention of one."""

    page: str
    text: str
    complete: bool

    @property
    def words(self) -> list[str]:
        """The command's words, without the folder of its program."""
        program, *rest = shlex.split(self.text, comments=True)
        return [program if program in OTHERS else Path(program).name, *rest]

    @property
    def can_be_run(self) -> bool:
        """Whether it is one of `referee`, of which nothing but a student is the reader's to say."""
        text = self.text.replace("STUDENT", "")
        return self.words[0] == "referee" and PLACEHOLDER.search(text) is None


def commands_of(page: Path) -> list[Command]:
    """The commands of a page, those of console blocks first."""
    name, text = str(page.relative_to(REPO)), page.read_text()
    lines = [line.strip() for _, block in BLOCK.findall(text) for line in block.splitlines()]
    typed = [part for line in lines if line.startswith("$ ") for part in _parts(line[2:])]
    mentioned = IN_TEXT.findall(BLOCK.sub("", text))
    return [Command(name, each, complete=True) for each in typed] + [
        Command(name, each, complete=False) for each in mentioned
    ]


def _parts(line: str) -> list[str]:
    """A line without its comment, in parts that a shell runs one after another."""
    without_comment = re.sub(r"\s+# .*", "", line)
    return [part.strip() for part in without_comment.split("&&")]


def check(command: Command) -> None:
    """See that there is such a command, and that it takes these options and arguments.

    Raises:
        NoSuchCommand: it does not.

    """
    program, *words = command.words
    if program in ("referee", "dask"):
        _check_click(referee if program == "referee" else _dask(), words, command.complete)
    elif program == "nbgrader":
        _check_nbgrader(NbGraderApp, words)
    elif program == "make":
        _require(words[0] in _targets(), f"the Makefile has no {words[0]}")
    elif program == "pytest":
        _require((REPO / words[0]).exists(), f"there is no {words[0]}")
    elif program in ("python", "python3"):
        found = words[0] == "-m" and find_spec(words[1]) is not None
        _require(found, f"there is no module {words[1]}")
    elif program in SUBCOMMANDS:
        _require(words[0] in SUBCOMMANDS[program], f"{program} {words[0]} is not known")
    else:
        _require(program in OTHERS, f"the program {program} is not known")


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise NoSuchCommand(otherwise)


def _check_click(command: click.Command, words: list[str], complete: bool) -> None:
    """Let click parse the words; it opens none of the files that they name."""
    context = click.Context(command)
    if isinstance(command, click.Group) and words and not words[0].startswith("-"):
        if words[0] == "COMMAND":
            return
        found = command.get_command(context, words[0])
        _require(found is not None, f"there is no command {words[0]}")
        assert found is not None
        _check_click(found, words[1:], complete)
        return
    try:
        values, rest, _ = command.make_parser(context).parse_args(list(words))
        _require(not rest, f"it takes no {' '.join(rest)}")
        for parameter in command.get_params(context):
            value = values.get(parameter.name or "")
            given = isinstance(value, str | tuple | list) and len(value) > 0
            _require(given or not (complete and parameter.required), f"no {parameter.name}")
            if isinstance(parameter.type, click.Choice) and isinstance(value, str):
                parameter.type.convert(value, parameter, context)
    except click.UsageError as error:
        raise NoSuchCommand(error.format_message()) from None


def _check_nbgrader(app: type[Application], words: list[str]) -> None:
    """See that nbgrader's application has these subcommands and options."""
    subcommands = app.subcommands if isinstance(app.subcommands, dict) else {}
    if words and words[0] in subcommands:
        below: Any = subcommands[words[0]][0]
        _check_nbgrader(import_item(below) if isinstance(below, str) else below, words[1:])
        return
    _require(not subcommands, f"nbgrader {' '.join(words)} is not known")
    known = {*app().flags, *(name for names in app().aliases for name in _all(names))}
    for word in words:
        if word.startswith("--"):
            name = word.removeprefix("--").partition("=")[0]
            _require(name in known, f"{app.__name__} has no --{name}")


def _all(names: str | tuple[str, ...]) -> Iterator[str]:
    yield from (names,) if isinstance(names, str) else names


def _dask() -> click.Group:
    """The command `dask`: packages register what it can do, and it loads that when it is run."""
    return click.Group("dask", {each.name: each.load() for each in entry_points(group="dask_cli")})


def _targets() -> set[str]:
    return set(re.findall(r"^([\w-]+):", (REPO / "Makefile").read_text(), re.MULTILINE))
