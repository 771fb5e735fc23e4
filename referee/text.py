"""Text of other people as one line, and names that are the same on every machine."""

import unicodedata
from typing import Any


def printable_line(text: str) -> str:
    """The text without characters that would end its line or move the cursor."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def in_nfc(name: str) -> str:
    """A name as most systems write it: a Mac writes an accent as a character of its own (NFD)."""
    return unicodedata.normalize("NFC", name)


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
