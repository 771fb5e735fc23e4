"""Who is who: the students of a course, and finding one by what a platform says of them."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.entities import codepoint2name

from referee.nbgrader.students import MARKUP, Person
from referee.text import in_nfc

# Platforms whose numbers are those of one assignment, and not the ones that the gradebook has.
NUMBERS_OF_AN_ASSIGNMENT = {"Moodle"}
UMLAUTS = str.maketrans(
    {"Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
)
PARTICIPANT = "Participant"  # Moodle's name for everybody, where marking is anonymous


@dataclass(frozen=True)
class Identity:
    """What a platform or a roster says of somebody; what it does not say is empty.

    `uid` is the number that the platform itself gives: nobody else has it there. `account` is the
    number of somebody's account, which on some platforms is another one. `group` is what a roster
    calls the group that somebody hands in with. `folder` is what ILIAS calls a folder, without the
    number: last name, first name and login, where it is not certain which is which.
    """

    id: str = ""
    login: str = ""
    email: str = ""
    name: str = ""
    uid: str = ""
    group: str = ""
    account: str = ""
    folder: str = ""

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
        self._names: dict[str, list[str]] = {}

    def add(self, student: str, known: Identity) -> None:
        """Add what is known of a student, who may be there already."""
        self.students.add(student)
        keys = (("known", _plain(student)), *_sure_keys(known), *_name_keys(known))
        for key in keys:
            self._by.setdefault(key, set()).add(student)
        if known.name:
            self._names.setdefault(student, []).append(known.name)

    def find(self, who: Identity) -> str | None:
        """The student who is meant, None if it is none of them.

        Raises:
            AmbiguousError: it could be several.

        """
        sure = [self._by[key] for key in _sure_keys(who) if key in self._by]
        if who.folder:
            sure += filter(None, [self._of_folder(who.folder)])
        if sure:
            return _only_one(set().union(*sure))
        by_name = (self._by[key] for key in _name_keys(who) if key in self._by)
        return _only_one(next(by_name, set()))

    def _of_folder(self, folder: str) -> set[str]:
        """Whose login a folder of ILIAS ends with, if what stands before it is their name."""
        return {
            student
            for place, char in enumerate(folder)
            if char == "_"
            for student in self._by.get(("known", _plain(folder[place + 1 :])), ())
            if any(_is_in_ascii(name, folder[:place]) for name in self._names.get(student, ()))
        }


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


def _is_in_ascii(name: str, shown: str) -> bool:
    """Whether a name is the one that ILIAS shows, of which one may lack a part.

    ILIAS writes umlauts with an e, other letters without their accents if HTML has a name for them,
    and underscores in the place of all others: Kovačević, Ana is Kova__evi___Ana.
    """
    ascii_name = "".join(
        char if char.isascii() else codepoint2name.get(ord(char), "_")[0]
        for char in in_nfc(name).translate(UMLAUTS)
    )
    parts, of_shown = ({*re.findall(r"[a-z0-9]{2,}", each.lower())} for each in (ascii_name, shown))
    return bool(parts) == bool(of_shown) and (parts <= of_shown or of_shown <= parts)


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
    # As ILIAS writes them: Müller is Mueller there.
    in_ascii = dict.fromkeys(_orders(in_nfc(who.name).translate(UMLAUTS)))
    yield from (("umlauts", _without_accents(name)) for name in in_ascii)


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
