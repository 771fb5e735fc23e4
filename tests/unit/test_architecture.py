"""The plan of the house: who may import whom, and what strings may name."""

import ast
import importlib
import importlib.util
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

import referee
from tests.support.solutions import REPO

PACKAGE = Path(referee.__file__).parent
# From the ground up: a room imports from its own floor's neighbours below, never from above.
FLOORS = (
    ("errors", "memory", "text", "slow_imports", "model", "boundary"),
    ("inside", "notebook", "sandbox", "judge", "nbgrader"),
    ("collect", "feedback", "record"),
    ("grade",),
    ("batch",),
    ("report", "doctor", "check", "similar", "starter", "plugins"),
    ("marking",),
    ("cli",),
    ("__main__",),
)
ALONE = {"boundary", "model"}  # import nothing of ours
ADAPTER = {"nbgrader", "feedback", "plugins"}  # may import nbgrader, nbconvert and SQLAlchemy
FOREIGN = {"nbgrader", "sqlalchemy", "nbconvert"}


def modules() -> Iterator[tuple[str, Path]]:
    """The name of each module of the package, and its file."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        yield ".".join(parts).removesuffix(".__init__"), path


@cache
def imports(path: Path) -> set[str]:
    """What a file imports, anywhere in it, but for types only."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room(module: str) -> str:
    """The folder or file right below the package, "" for the package itself."""
    return (*module.split("."), "")[1]


def rooms_used_by(path: Path) -> set[str]:
    ours = {name for name in imports(path) if name.startswith("referee.")}
    return {room(name) for name in ours} - {"__version__", "configure", "grade_notebook"}


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


MODULES = [(name, path) for name, path in modules() if room(name)]
each_room = pytest.mark.parametrize("place", sorted({room(name) for name, _ in MODULES}))


def found_in(place: str, wrong: Callable[[Path], set[str]]) -> dict[str, set[str]]:
    """What is wrong with the modules of a room, by the name of each that has something wrong."""
    found = {name: wrong(path) for name, path in MODULES if room(name) == place}
    return {name: what for name, what in found.items() if what}


def foreign(path: Path) -> set[str]:
    return {imported.split(".")[0] for imported in imports(path)} & FOREIGN


@each_room
def test_only_the_adapter_knows_nbgrader_and_its_tables(place: str) -> None:
    assert place in ADAPTER or found_in(place, foreign) == {}


@each_room
def test_no_module_imports_from_a_floor_above(place: str) -> None:
    def from_above(path: Path) -> set[str]:
        return {used for used in rooms_used_by(path) - {place} if floor(used) > floor(place)}

    assert found_in(place, from_above) == {}


def test_no_two_rooms_import_each_other() -> None:
    used: dict[str, set[str]] = {}
    for name, path in MODULES:
        used.setdefault(room(name), set()).update(rooms_used_by(path) - {room(name)})

    def reachable(start: str, seen: frozenset[str] = frozenset()) -> set[str]:
        found: set[str] = set()
        for following in used[start] - seen:
            found |= {following} | reachable(following, seen | used[start])
        return found

    assert {start for start in used if start in reachable(start)} == set()


def test_what_runs_in_reach_of_students_imports_the_boundary_only() -> None:
    assert found_in("inside", lambda path: rooms_used_by(path) - {"inside", "boundary"}) == {}


@pytest.mark.parametrize("place", sorted(ALONE))
def test_boundary_and_model_import_nothing_of_ours(place: str) -> None:
    assert found_in(place, lambda path: rooms_used_by(path) - {place}) == {}


@each_room
def test_nothing_trusted_imports_what_runs_in_reach_of_students(place: str) -> None:
    wrong = found_in(place, lambda path: rooms_used_by(path) & {"inside"})
    assert place == "inside" or wrong == {}


def test_importing_the_package_has_no_effects() -> None:
    code = (
        "import sys; before = set(sys.modules); import referee; new = set(sys.modules) - before\n"
        "assert not [name for name in new if name.startswith('referee.')], new\n"
        "assert None not in sys.modules.values()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# ---- names of modules in strings ----

NAMED = re.compile(r"\breferee(?:\.[a-z_]+)+(?:[.:][A-Z]\w+)?")
IN_TEXT = [
    *PACKAGE.rglob("*.py"),
    *(REPO / "tests").rglob("*.py"),
    *(REPO / "benchmarks").glob("*.py"),
    *(REPO / "docs").glob("*.md"),
    *REPO.glob("*.md"),
    *(REPO / name for name in ("nbgrader_config.py", "digits_check.py", "pyproject.toml")),
]
NO_MODULES = {"referee.command", "referee.make_context", "referee.invoke", "referee.wall"}
NO_MODULES |= {"referee.conf", "referee.db", "referee.notes"}


def test_every_module_that_a_text_names_exists() -> None:
    missing = {
        str(path.relative_to(REPO)): names
        for path in IN_TEXT
        if (names := [each for each in NAMED.findall(path.read_text()) if not exists(each)])
    }
    assert missing == {}


ATTACKS = sorted((REPO / "tests/attacks").rglob("*.py"))
TAKEN = re.compile(r"^\s*from (referee[\w.]*) import ([\w, ]+)$", re.MULTILINE)
# Names that attacks give to other things, too, or call on what they were given.
OTHER_THINGS = {"channel.sendall"}


@pytest.mark.parametrize("path", ATTACKS, ids=lambda path: path.stem)
def test_whatever_of_ours_an_attack_patches_exists(path: Path) -> None:
    source = path.read_text()
    missing = []
    for module, names in TAKEN.findall(source):
        for name in map(str.strip, names.split(",")):
            used = set(re.findall(rf"(?<![.\w]){name}\.([A-Za-z]\w*(?:\.\w+)?)", source))
            used = {each for each in used if f"{name}.{each}" not in OTHER_THINGS} | {""}
            whole = [f"{module}.{name}.{each}".strip(".") for each in used]
            missing += [each for each in whole if not exists(each)]
    assert missing == []


@cache
def exists(name: str) -> bool:
    """Whether it is a module, or something in one."""
    if name in NO_MODULES:
        return True
    parts = name.replace(":", ".").split(".")
    for length in range(len(parts), 0, -1):
        try:
            if importlib.util.find_spec(".".join(parts[:length])) is None:
                continue
        except ModuleNotFoundError:
            continue
        if length == len(parts):
            return True
        module = importlib.import_module(".".join(parts[:length]))
        found = module
        for part in parts[length:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False
