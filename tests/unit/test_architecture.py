"""The plan of the house: who may import whom, and what strings may name."""

import ast
import importlib
import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
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
each_module = pytest.mark.parametrize(
    ("name", "path"), MODULES, ids=[name.removeprefix("referee.") for name, _ in MODULES]
)


@each_module
def test_only_the_adapter_knows_nbgrader_and_its_tables(name: str, path: Path) -> None:
    foreign = {imported.split(".")[0] for imported in imports(path)} & FOREIGN
    assert room(name) in ADAPTER or not foreign


@each_module
def test_no_module_imports_from_a_floor_above(name: str, path: Path) -> None:
    for used in rooms_used_by(path) - {room(name)}:
        assert floor(used) <= floor(room(name)), f"{name} imports {used}"


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


@each_module
def test_what_runs_in_reach_of_students_imports_the_boundary_only(name: str, path: Path) -> None:
    if room(name) == "inside":
        assert rooms_used_by(path) <= {"inside", "boundary"}


@each_module
def test_boundary_and_model_import_nothing_of_ours(name: str, path: Path) -> None:
    if room(name) in ALONE:
        assert rooms_used_by(path) <= {room(name)}


@each_module
def test_nothing_trusted_imports_what_runs_in_reach_of_students(name: str, path: Path) -> None:
    assert room(name) == "inside" or "inside" not in rooms_used_by(path)


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


@pytest.mark.parametrize("path", IN_TEXT, ids=lambda path: str(path.relative_to(REPO)))
def test_every_module_that_a_text_names_exists(path: Path) -> None:
    missing = [name for name in NAMED.findall(path.read_text()) if not exists(name)]
    assert missing == []


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
