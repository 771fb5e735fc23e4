"""CSV files of other programs: their columns by the usual names, and the file as it was."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path

from referee.collect.people import Identity
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
    "uid": ("uid", "participant", "identifier"),
    "account": ("canvas id", "canvas_user_id", "lms_user_id", "moodle id"),
}  # fmt: skip

HINT = re.compile(r"sep=[^\w\s\"]\s*[\r\n]+", re.IGNORECASE)
QUOTED = re.compile(r'"[^"]*"')


@dataclass
class CsvTable:
    """A CSV file as it was, and how it is written. Rows have a cell for each of the header."""

    header: list[str]
    rows: list[list[str]]
    encoding: str
    delimiter: str
    newline: str
    hint: str = ""  # the line that tells Excel the delimiter

    def content(self) -> bytes:
        """The file again, in its own encoding."""
        text = io.StringIO()
        text.write(self.hint)
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator=self.newline)
        writer.writerows([self.header, *self.rows])
        return text.getvalue().encode(self.encoding)


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
    text = text.lstrip("\r\n")
    hint = found[0] if (found := HINT.match(text)) else ""
    text = text.removeprefix(hint)
    first = text.splitlines()[0] if text.strip() else ""
    delimiter = hint[4:5] or max(",;\t", key=QUOTED.sub("", first).count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise RefereeError(f"{path} is not a CSV file: {error}. Download it again.") from None
    if not first:
        raise RefereeError(f"{path} is empty. Download it again.")
    newline = "\r\n" if "\r\n" in text else "\n"
    header = rows[0]
    filled = [row + [""] * (len(header) - len(row)) for row in rows[1:] if row]
    return CsvTable(header, filled, encoding, delimiter, newline, hint)


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
    with_mark = "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8"
    without = [f"utf-16-{'le' if content[1:2] == bytes(1) else 'be'}"] if 0 in content[:2] else []
    for encoding in (*without, with_mark, "cp1252"):
        with suppress(UnicodeDecodeError):
            return content.decode(encoding), encoding
    return content.decode("latin-1"), "latin-1"  # which has a character for each byte
