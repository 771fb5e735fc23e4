"""When a submission was handed in, as nbgrader reads it."""

from datetime import datetime

from nbgrader.utils import parse_utc

MAX_TIMESTAMP = 100  # bytes; what finds the date in a text takes the square of its length


def read_timestamp(content: bytes) -> datetime | None:
    """The time in UTC, without a zone, that a file timestamp.txt holds; None if it holds none."""
    if len(content) > MAX_TIMESTAMP or not content.strip():
        return None
    try:
        found: datetime = parse_utc(content.decode().strip())
    except Exception:  # dateutil's errors are many
        return None
    return found
