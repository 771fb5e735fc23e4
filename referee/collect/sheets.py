"""The files in which Canvas and Moodle list their students: whom each row is about."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from referee.collect.people import Identity
from referee.collect.tables import CsvTable, column_places, identity_in

CANVAS = {
    "name": ("student",),
    "last": ("lastname",),
    "first": ("firstname",),
    "uid": ("id",),
    "id": ("sis user id",),
    "login": ("sis login id",),
}
# In English, German, French, Spanish, Italian, Dutch and Portuguese.
MOODLE = {
    "uid": ("identifier", "id", "identifiant", "identificador", "identificatore", "identificatie"),
    "name": (
        "full name", "vollständiger name", "nom complet", "nombre completo", "nombre",
        "cognome nome", "volledige naam", "nome completo",
    ),
    "id": ("id number", "id-nummer", "número de id"),
    "login": ("username", "anmeldename", "nombre de usuario"),
    "email": (
        "email address", "e-mail-adresse", "adresse de courriel", "dirección de correo",
        "indirizzo email", "e-mailadres", "endereço de email",
    ),
    "group": ("group", "gruppe", "groupe", "grupo", "gruppo", "groep"),
    "grade": (
        "grade", "bewertung", "note", "calificación", "valutazione", "voto", "cijfer", "nota",
    ),
    "maximum": (
        "maximum grade", "höchste bewertung", "bestwertung", "note maximale",
        "calificación máxima", "valutazione massima", "maximumcijfer",
    ),
}  # fmt: skip
IDENTITY = {"uid", "id", "login", "email", "name", "group"}
PARTICIPANT = re.compile(r"\D*(\d+)\s*")
WORD_AND_NUMBER = re.compile(r"(\D+)\d+\s*")
SHORTEST_WORD = 3  # of Moodle's for "Participant", which is 参加者 in Japanese
NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
POINTS_POSSIBLE = "points possible"
TEST_STUDENT = "student, test"

People = Iterator[tuple[list[str], Identity]]


def people_of_canvas(table: CsvTable) -> People:
    """The rows of a gradebook of Canvas that are a student's, and whose they are."""
    places = column_places(table.header, CANVAS)
    for row in table.rows:
        who = identity_in(row, places)
        if who.uid and who.name.lower() not in (POINTS_POSSIBLE, TEST_STUDENT):
            yield row, who


def people_of_moodle(table: CsvTable) -> People:
    """The rows of a grading worksheet of Moodle that are a student's, and whose they are."""
    places = moodle_places(table)
    for row in table.rows:
        who = identity_in(row, {kind: at for kind, at in places.items() if kind in IDENTITY})
        if found := PARTICIPANT.fullmatch(who.uid):
            yield row, replace(who, uid=found[1])


def is_canvas(places: Mapping[str, int]) -> bool:
    """Whether columns are those of a gradebook of Canvas, with names in one column or in two."""
    return "uid" in places and ("name" in places or {"last", "first"} <= places.keys())


def moodle_places(table: CsvTable) -> dict[str, int]:
    """Where a grading worksheet of Moodle has its columns, also in a language that is not known.

    In all languages, the first column says "Participant 1234", and the marks are in the one before
    the maximum, which is the same number for all.
    """
    places = column_places(table.header, MOODLE)
    if "uid" in places and "grade" in places:
        return places
    found = [WORD_AND_NUMBER.fullmatch(row[0]) for row in table.rows if row]
    words = {each[1] if each else "" for each in found}
    if len(words) == 1 and len(next(iter(words))) >= SHORTEST_WORD:
        places.setdefault("uid", 0)
        columns = list(zip(*table.rows, strict=False))
        same = (
            place
            for place, column in enumerate(columns)
            if place > 1 and len(set(column)) == 1 and NUMBER.fullmatch(column[0])
        )
        maximum = places.setdefault("maximum", next(same, 0))
        if maximum > 1:
            places.setdefault("grade", maximum - 1)
        else:
            del places["maximum"]
    return places


def sheet_of(table: CsvTable) -> Callable[[CsvTable], People] | None:
    """What reads the students of a table, if it is a file of Canvas or Moodle as it was made."""
    canvas, moodle = column_places(table.header, CANVAS), moodle_places(table)
    if is_canvas(canvas) and {"id", "login"} & canvas.keys():
        return people_of_canvas
    # Tables of others may have such columns, but no number with a word before it.
    numbers = [row[moodle["uid"]].strip() for row in table.rows] if "uid" in moodle else []
    if "grade" in moodle and numbers and all(re.fullmatch(r"\D+\d+", each) for each in numbers):
        return people_of_moodle
    return None
