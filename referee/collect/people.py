"""Who is who: the students of a course, and finding one by what a platform says of them."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from referee.nbgrader.students import MARKUP, Person
from referee.text import in_nfc

# Platforms whose numbers are those of one assignment, and not the ones that the gradebook has.
NUMBERS_OF_AN_ASSIGNMENT = {"Moodle"}
PARTICIPANT = "Participant"  # Moodle's name for everybody, where marking is anonymous


@dataclass(frozen=True)
class Identity:
    """What a platform or a roster says of somebody; what it does not say is empty.

    `uid` is the number that the platform itself gives: nobody else has it there. `account` is the
    number of somebody's account, which on some platforms is another one. `group` is what a roster
    calls the group that somebody hands in with.
    """

    id: str = ""
    login: str = ""
    email: str = ""
    name: str = ""
    uid: str = ""
    group: str = ""
    account: str = ""

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


def of_gradebook(known: Person, platform: str) -> Identity:
    """What the gradebook knows of a student; its number only if it can be one of the platform's."""
    uid = "" if platform in NUMBERS_OF_AN_ASSIGNMENT else known.lms_id
    return Identity(email=known.email, name=known.name, uid=uid)


def on_platform(who: Identity, platform: str) -> Identity:
    """Somebody of a roster, with the number of their account if it is what the platform gives."""
    if who.uid or platform in NUMBERS_OF_AN_ASSIGNMENT:
        return who
    return replace(who, uid=who.account)


def same_name(name: str, other: str) -> bool:
    """Whether two names could be one person's: they have a part in common."""
    parts = [
        {_without_accents(part) for part in re.split(r"[\s,]+", _plain(each))} | set(_orders(each))
        for each in (name, other)
    ]
    return any(len(part) > 1 for part in parts[0] & parts[1])


def own_name(who: Identity) -> str:
    """What somebody is called whom nobody in the course knows: by the platform's id, or its number.

    It has no characters that would be markup on a page of formgrader.
    """
    name = who.id or who.login or who.email or f"{who.name or PARTICIPANT}_{who.uid}"
    kept = (char for char in in_nfc(name) if char.isprintable() and char not in MARKUP)
    return "".join(kept).strip()


def _only_one(students: set[str]) -> str | None:
    if len(students) > 1:
        raise AmbiguousError(f"it could be {' or '.join(sorted(students))}")
    return next(iter(students), None)


class AmbiguousError(Exception):
    """What a platform says fits several students."""


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
