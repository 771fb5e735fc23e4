"""Text of other people as one line, and names that are the same on every machine."""

from typing import Any


def printable_line(text: str) -> str:
    """The text without characters that would end its line or move the cursor."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def one_line(text: object) -> str:
    """What was said, or an error, in one line: blanks and line ends become one blank."""
    return " ".join(str(text).split()) or f"{type(text).__name__} that says nothing"


def name_of(value: Any) -> str:
    """A value of a configuration, without the place in memory that functions and classes show."""
    if hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    return str(value)
