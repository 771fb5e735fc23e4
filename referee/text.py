"""Text of other people as one line, and names that are the same on every machine."""

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

MOST_NAMED = 8  # names that a message has


def printable_line(text: str) -> str:
    """The text without characters that would end its line or move the cursor."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def in_nfc(name: str) -> str:
    """A name as most systems write it: a Mac writes an accent as a character of its own (NFD)."""
    return unicodedata.normalize("NFC", name)


class Spellings:
    """Names as they are written somewhere, accents and all."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = set(names)
        self._by_nfc = {in_nfc(name): name for name in sorted(self._names, reverse=True)}

    def of(self, name: str) -> str:
        """The name as it is written there; as it is, if it is not there."""
        return name if name in self._names else self._by_nfc.get(in_nfc(name), name)


def spelt_as_in(names: Iterable[str], name: str) -> str:
    """The name as one of `names` writes it, accents and all; as it is if it has none of them."""
    return Spellings(names).of(name)


def is_text(name: str) -> bool:
    """Whether a file's name is UTF-8, so that it can be stored."""
    return not any("\ud800" <= char <= "\udfff" for char in name)


def one_line(text: object) -> str:
    """What was said, or an error, in one line: blanks and line ends become one blank."""
    return " ".join(str(text).split()) or f"{type(text).__name__} that says nothing"


def name_of(value: Any) -> str:
    """A value of a configuration, without the place in memory that functions and classes show."""
    if hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    return str(value)


def nearest(wanted: str, names: Iterable[str]) -> str:
    """A question for the name that was meant, and a blank; empty if none is near."""
    found = _near(wanted, names)
    return f"Did you mean {printable_line(' or '.join(found))}? " if found else ""


def what_there_is(instead_of: str, names: Iterable[str]) -> str:
    """What to say where there is no such name: the one that was meant, and those that there are."""
    known = sorted(set(names))
    near = _near(instead_of, known)
    named = known if len(known) <= MOST_NAMED else [*near, *(n for n in known if n not in near)]
    more = f" and {len(known) - MOST_NAMED} others" if len(known) > MOST_NAMED else ""
    there_are = printable_line(", ".join(named[:MOST_NAMED])) or "none"
    return f"{nearest(instead_of, known)}There are: {there_are}{more}."


def _near(wanted: str, names: Iterable[str]) -> list[str]:
    folded = {in_nfc(name).casefold(): name for name in names}
    return [folded[each] for each in get_close_matches(in_nfc(wanted).casefold(), folded, n=2)]
