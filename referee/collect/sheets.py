"""The files in which Canvas and Moodle list their students: whom each row is about."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from referee.collect.people import Identity
from referee.collect.tables import CsvTable, column_places, identity_in

CANVAS = {
    "name": ("student",),
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
    "grade": (
        "grade", "bewertung", "note", "calificación", "valutazione", "voto", "cijfer", "nota",
    ),
    "maximum": (
        "maximum grade", "höchste bewertung", "bestwertung", "note maximale",
        "calificación máxima", "valutazione massima", "maximumcijfer",
    ),
}  # fmt: skip
IDENTITY = {"uid", "id", "login", "email", "name"}
PARTICIPANT = re.compile(r"\D*(\d+)\s*")
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
    places = column_places(table.header, MOODLE)
    for row in table.rows:
        who = identity_in(row, {kind: at for kind, at in places.items() if kind in IDENTITY})
        if found := PARTICIPANT.fullmatch(who.uid):
            yield row, replace(who, uid=found[1])


def sheet_of(table: CsvTable) -> Callable[[CsvTable], People] | None:
    """What reads the students of a table, if it is a file of Canvas or Moodle as it was made."""
    canvas, moodle = (column_places(table.header, columns) for columns in (CANVAS, MOODLE))
    if {"name", "uid"} <= canvas.keys() and {"id", "login"} & canvas.keys():
        return people_of_canvas
    # Tables of others may have such columns, but no number with a word before it.
    numbers = [row[moodle["uid"]].strip() for row in table.rows] if "uid" in moodle else []
    if "grade" in moodle and numbers and all(re.fullmatch(r"\D+\d+", each) for each in numbers):
        return people_of_moodle
    return None
