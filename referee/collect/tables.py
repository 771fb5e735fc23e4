"""CSV files of other programs: their columns by the usual names, and the file as it was."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
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

# A byte order mark, blank lines, and the line that tells Excel the delimiter.
BEFORE = re.compile(r"\ufeff?[\r\n]*(?:sep=(?P<delimiter>[^\w\s\"])\s*[\r\n]+)?", re.IGNORECASE)
ZIPPED = b"PK\x03\x04"  # how zip files begin, and the workbooks of spreadsheets
QUOTED = re.compile(r'"[^"]*"')


@dataclass
class CsvTable:
    """A CSV file as it was, and how it is written. Rows have a cell for each of the header.

    `lines` are those of the file, as far as it is known how each cell was written there.
    """

    header: list[str]
    rows: list[list[str]]
    encoding: str
    delimiter: str
    newline: str
    hint: str = ""  # what stands before: the line that tells Excel the delimiter, say
    lines: list["Line"] = field(default_factory=list)

    def content(self) -> bytes:
        """The file again, in its own encoding; cells that have not changed are as they were."""
        rows = iter([self.header, *self.rows])
        lines = self.lines or [Line([], [], self.newline, blank=False) for _ in (0, *self.rows)]
        text = "".join(
            each.end if each.blank else self._written(each, next(rows)) + each.end for each in lines
        )
        return (self.hint + text).encode(self.encoding)

    def _written(self, line: "Line", row: list[str]) -> str:
        """A row, with the cells that have not changed as they were written."""
        cells = [
            line.cells[place]
            if place < len(line.cells) and line.values[place] == value
            else self._cell(value)
            for place, value in enumerate(row)
        ]
        while len(cells) > max(len(line.cells), 1) and not cells[-1] and line.cells:
            cells.pop()  # which the file's line did not have
        return self.delimiter.join(cells)

    def _cell(self, value: str) -> str:
        text = io.StringIO()
        csv.writer(text, delimiter=self.delimiter, lineterminator="").writerow([value, ""])
        return text.getvalue().removesuffix(self.delimiter)


@dataclass
class Line:
    """A line of a CSV file, or several that are one row: its cells' values, and how they stand."""

    values: list[str]
    cells: list[str]
    end: str
    blank: bool


def read_table(path: Path) -> CsvTable:
    """Read a CSV file with a header, whatever program has written it.

    Raises:
        RefereeError: it cannot be read, is empty, or is not text.

    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RefereeError(f"{path} cannot be read: {error.strerror}. Is the name right?") from None
    if content.startswith(ZIPPED):
        raise RefereeError(f"{path} is a workbook or a zip file. Save it as CSV, and give that.")
    text, encoding = _decoded(content)
    before = BEFORE.match(text)
    hint = before[0] if before else ""
    text = text.removeprefix(hint)
    excels = before["delimiter"] if before else None
    first = text.splitlines()[0] if text.strip() else ""
    delimiter = excels or max(",;\t", key=QUOTED.sub("", first).count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise RefereeError(f"{path} is not a CSV file: {error}. Download it again.") from None
    if not first:
        raise RefereeError(f"{path} is empty. Download it again.")
    newline = "\r\n" if "\r\n" in text else "\n"
    header = rows[0]
    filled = [row + [""] * (len(header) - len(row)) for row in rows[1:] if row]
    lines = _lines(text, delimiter, rows)
    return CsvTable(header, filled, encoding, delimiter, newline, hint, lines)


def _lines(text: str, delimiter: str, rows: list[list[str]]) -> list[Line]:
    """How the cells of a file are written; nothing if it is not how these rows would be."""
    end = rf"({re.escape(delimiter)}|\r\n|\r|\n|\Z)"
    plain = rf"[^{re.escape(delimiter)}\r\n]*"
    cell = re.compile(rf'("[^"]*(?:""[^"]*)*"(?={end})|{plain}){end}')
    lines: list[Line] = []
    cells: list[str] = []
    place = 0
    while place < len(text) or cells:
        if (found := cell.match(text, place)) is None:
            return []
        place = found.end()
        cells.append(found[1])
        if found[3] != delimiter:
            values = [_value(each) for each in cells]
            lines.append(Line(values, cells, found[3], blank=cells == [""]))
            cells = []
    return lines if [[] if each.blank else each.values for each in lines] == rows else []


def _value(cell: str) -> str:
    quoted = len(cell) > 1 and cell[0] == cell[-1] == '"'
    return cell[1:-1].replace('""', '"') if quoted else cell


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
    if content.startswith(b"\xfe\xff"):
        return content.decode("utf-16-be", errors="replace"), "utf-16-be"
    if content.startswith(b"\xff\xfe"):
        return content.decode("utf-16", errors="replace"), "utf-16"
    with_mark = "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8"
    without = [f"utf-16-{'le' if content[1:2] == bytes(1) else 'be'}"] if 0 in content[:2] else []
    for encoding in (*without, with_mark, "cp1252"):
        with suppress(UnicodeDecodeError):
            return content.decode(encoding), encoding
    return content.decode("latin-1"), "latin-1"  # which has a character for each byte
