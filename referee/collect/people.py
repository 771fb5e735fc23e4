"""Who is who: the students of a course, and finding one by what a platform says of them."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from referee.errors import RefereeError
from referee.text import in_nfc

# What the columns of rosters and of platforms' own files are called, in lower case.
COLUMNS = {
    "id": (
        "id", "student id", "student_id", "studentid", "sid", "sis user id", "id number",
        "id-nummer", "matriculation number", "matrikelnummer", "student number",
    ),
    "login": (
        "login", "sis login id", "username", "user name", "login id", "benutzername", "anmeldename",
    ),
    "email": ("email", "e-mail", "email address", "e-mail address", "mail", "e-mail-adresse"),
    "name": ("name", "full name", "student", "student name", "vollständiger name"),
    "first": ("first name", "first_name", "firstname", "given name", "vorname"),
    "last": ("last name", "last_name", "lastname", "surname", "family name", "nachname"),
    "uid": (
        "uid", "canvas id", "canvas_user_id", "lms_user_id", "moodle id", "participant",
        "identifier",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Identity:
    """What a platform or a roster says of somebody; what it does not say is empty.

    `uid` is the number that the platform itself gives: nobody else has it there.
    """

    id: str = ""
    login: str = ""
    email: str = ""
    name: str = ""
    uid: str = ""

    def __str__(self) -> str:
        said = (self.name, self.login, self.email, self.id, self.uid)
        return ", ".join(dict.fromkeys(each for each in said if each)) or "somebody without a name"


class People:
    """The students of a course, to be found by id, login or e-mail, or else by name.

    What fits two students finds neither of them: students can choose their names, and on some
    platforms their ids.
    """

    def __init__(self) -> None:
        self.students: set[str] = set()
        self._by: dict[tuple[str, str], set[str]] = {}

    def add(self, student: str, known: Identity) -> None:
        """Add what is known of a student, who may be there already."""
        self.students.add(student)
        keys = (("known", _plain(student)), *_sure_keys(known), *_name_keys(known))
        for key in keys:
            self._by.setdefault(key, set()).add(student)

    def find(self, who: Identity) -> str | None:
        """The student who is meant, None if it is none of them.

        Raises:
            AmbiguousError: it could be several.

        """
        sure = [self._by[key] for key in _sure_keys(who) if key in self._by]
        if sure:
            return _only_one(set().union(*sure))
        by_name = (self._by[key] for key in _name_keys(who) if key in self._by)
        return _only_one(next(by_name, set()))


def _only_one(students: set[str]) -> str | None:
    if len(students) > 1:
        raise AmbiguousError(f"it could be {' or '.join(sorted(students))}")
    return next(iter(students), None)


class AmbiguousError(Exception):
    """What a platform says fits several students."""


def read_roster(path: Path) -> dict[str, Identity]:
    """The students of a CSV file, by the id that they have in the course.

    The columns are found by their usual names (COLUMNS). A student's id in the course is the id,
    or else the login, or else the e-mail.

    Raises:
        RefereeError: it cannot be read, or has no such columns, or an id twice.

    """
    table = read_table(path)
    places = column_places(table.header)
    if not places.keys() & {"id", "login", "email"}:
        raise RefereeError(
            f"{path} has no column id, login or email; its first line is: "
            f"{', '.join(table.header)}. Give the columns such names."
        )
    found: dict[str, Identity] = {}
    for row in table.rows:
        who = identity_in(row, places)
        student = in_nfc(who.id or who.login or who.email)
        if not student:
            continue
        if student in found:
            raise RefereeError(f"{path} has {student!r} twice. Keep one of the two lines.")
        found[student] = who
    return found


@dataclass
class CsvTable:
    """A CSV file as it was: its rows, and how it is written."""

    header: list[str]
    rows: list[list[str]]
    encoding: str
    delimiter: str
    newline: str

    def content(self) -> bytes:
        """The file again, in its own encoding."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator=self.newline)
        writer.writerows([self.header, *self.rows])
        return text.getvalue().encode(self.encoding, errors="surrogateescape")


def read_table(path: Path) -> CsvTable:
    """Read a CSV file with a header, whatever program has written it.

    Raises:
        RefereeError: it cannot be read, or is empty.

    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RefereeError(f"{path} cannot be read: {error.strerror}. Is the name right?") from None
    text, encoding = _decoded(content)
    first = text.splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise RefereeError(f"{path} is not a CSV file: {error}. Download it again.") from None
    if not first:
        raise RefereeError(f"{path} is empty. Download it again.")
    newline = "\r\n" if "\r\n" in text else "\n"
    return CsvTable(rows[0], [row for row in rows[1:] if row], encoding, delimiter, newline)


def column_places(
    header: Iterable[str], columns: Mapping[str, tuple[str, ...]] = COLUMNS
) -> dict[str, int]:
    """Where the columns are whose usual names `columns` lists, by its keys."""
    names = [in_nfc(name).strip().lower() for name in header]
    return {
        kind: min(names.index(name) for name in usual if name in names)
        for kind, usual in columns.items()
        if set(usual) & set(names)
    }


def identity_in(row: list[str], places: dict[str, int]) -> Identity:
    """Who a row is about."""
    said = {kind: row[place].strip() for kind, place in places.items() if place < len(row)}
    name = said.get("name") or ", ".join(filter(None, (said.get("last"), said.get("first"))))
    known = {each.name for each in fields(Identity)} - {"name"}
    if "uid" in said:  # Moodle's worksheet says "Participant 1234"
        said["uid"] = re.sub(r"^\D+(?=\d+$)", "", said["uid"])
    return Identity(name=name, **{kind: said[kind] for kind in known & said.keys()})


def _decoded(content: bytes) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace"), "utf-16"
    try:
        return content.decode("utf-8-sig"), "utf-8-sig" if content[
            :3
        ] == b"\xef\xbb\xbf" else "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="surrogateescape"), "cp1252"


def _sure_keys(who: Identity) -> Iterator[tuple[str, str]]:
    """What only one person has. Some write the e-mail where others have the login or the id."""
    if who.uid:
        yield "uid", _plain(who.uid)
    for value in filter(None, (who.id, who.login, who.email)):
        yield "known", _plain(value)


def _name_keys(who: Identity) -> Iterator[tuple[str, str]]:
    names = list(dict.fromkeys(_orders(who.name)))
    yield from (("name", name) for name in names)
    yield from (("letters", _without_accents(name)) for name in names)


def _plain(value: str) -> str:
    return in_nfc(value).strip().casefold()


def _orders(name: str) -> Iterator[str]:
    """A name as one word of letters and digits, with each of its parts as the first.

    Canvas writes "O'Brien, Ann Marie" as obrienannmarie, a roster may have Ann Marie O'Brien.
    """
    parts = [_word(part) for part in re.split(r"[\s,]+", _plain(name))]
    parts = [part for part in parts if part]
    for place in range(len(parts)):
        yield "".join(parts[place:] + parts[:place])


def _word(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def _without_accents(name: str) -> str:
    return _word(unicodedata.normalize("NFKD", name))
