"""Which files a test cell may use: those of the assignment, its own, and those that it names.

A path can come from the student, and a test runs outside of the sandbox. Files that libraries need
are not asked for by name: they are the environment's, the system's, or caches.
"""

import os
import re
import stat
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import unquote

from referee.boundary.files import OF_TESTS

OURS = Path(__file__).parent.parent
PYTHONS = (sys.prefix, sys.base_prefix)
SYSTEM = (
    *("/usr", "/lib", "/lib64", "/bin", "/sys", "/proc", "/var/cache", "/etc/fonts", "/etc/ssl"),
    *("/etc/localtime", "/etc/timezone", "/etc/mime.types", "/etc/os-release", "/etc/hosts"),
    *("/etc/resolv.conf", "/etc/matplotlibrc", "/etc/zoneinfo", "/etc/apache2", "/etc/httpd"),
)
DEVICES = ("/dev/null", "/dev/random", "/dev/urandom", "/dev/shm")
# In a home folder, where libraries keep what they have found out or downloaded.
CACHES = {
    *(".cache", ".config", ".local", ".matplotlib", ".keras", ".fonts", ".ipython"),
    *("nltk_data", "scikit_learn_data", "seaborn-data", ".pdbrc"),
}
TEMPORARY = ("tmp", "matplotlib-")  # how names begin that `tempfile` and Matplotlib make
NAMES_HOME = re.compile(r"\bhome\(|expanduser|\bHOME\b")


def is_own(path: Any, own: Iterable[Path], *, writes: bool) -> bool:
    """Whether a path is in one of the folders of the test, or where libraries keep what is theirs.

    What is no path, an open file for example, is no matter of this.
    """
    if (place := place_of(path)) is None:
        return True
    folders = [os.path.realpath(folder) for folder in map(str, (*own, *PYTHONS, OURS, *DEVICES))]
    temporary = temporary_folder()
    if place in (temporary, Path(tempfile.gettempdir())) or any(
        place.is_relative_to(folder) for folder in folders
    ):
        return True
    process = _first_part(place, "/proc")
    if process.isdecimal() and process != str(os.getpid()):
        return False
    if any(place.is_relative_to(folder) for folder in SYSTEM):
        return not writes and _is_readable_by_all(place)
    first = _first_part(place, os.fspath(temporary))
    return first.startswith(TEMPORARY) or _first_part(place, _expanded("~")) in CACHES


def temporary_folder() -> Path:
    """Where this process has its temporary files, the folder for those of tests among them."""
    folder = Path(tempfile.gettempdir())
    return folder.parent.parent if folder.name == OF_TESTS else folder


def is_named(path: Any, sources: Iterable[str], texts: Iterable[str]) -> bool:
    """Whether the teacher's code names a path, or a folder that it is in, in one of its texts."""
    place, named = place_of(path), list(texts)
    named += ["~"] if any(map(NAMES_HOME.search, sources)) else []
    folders = [_expanded(text) for text in named if text.startswith(("/", "~"))]
    return place is None or any(place.is_relative_to(folder) for folder in folders if folder != "/")


def file_of(database: Any) -> Any:
    """The path of a database of SQLite, None if it is in memory."""
    if isinstance(database, bytes | PurePath):
        database = os.fsdecode(database)
    if not isinstance(database, str):
        return None
    if database.startswith("file:"):
        path, _, options = database.removeprefix("file:").partition("?")
        database = "" if "mode=memory" in options else unquote(path.partition("#")[0])
        database = re.sub("^//[^/]*", "", database)
    return None if database in ("", ":memory:") else database


def place_of(path: Any) -> Path | None:
    """Where a path leads, without its links."""
    if not isinstance(path, str | bytes | PurePath) or not path:
        return None
    return Path(os.path.realpath(os.fsdecode(path)))


def _expanded(path: str) -> str:
    """Where a path leads from, or below, a home folder."""
    try:
        return os.path.realpath(os.path.expanduser(path))  # noqa: PTH111 - which never raises
    except ValueError:  # it has a zero in it
        return "/"


def _first_part(place: Path, folder: str) -> str:
    """The name of what a path goes through right below a folder, or none."""
    return place.relative_to(folder).parts[0] if Path(folder) in place.parents else ""


def _is_readable_by_all(place: Path) -> bool:
    """Whether everybody on this machine could read a file, or there is none."""
    try:
        return bool(place.stat().st_mode & stat.S_IROTH)
    except OSError:
        return True
