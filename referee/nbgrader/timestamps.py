"""When a submission was handed in, as its file timestamp.txt says it.

nbgrader's own reading takes the zone +0200 for 200 seconds, and zones that it does not know for
UTC. Nobody should lose points to that: what is not understood is said, and does not count.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from dateutil.parser import parse  # type: ignore[import-untyped]
from dateutil.tz import gettz  # type: ignore[import-untyped]

TIMESTAMP = "timestamp.txt"
MAX_TIMESTAMP = 100  # bytes; what finds the date in a text takes the square of its length
FIRST_YEAR, LAST_YEAR = 1900, 9000  # others have no time in some zones, or cannot be written
# The short form of ISO 8601: 20260710T120000Z.
SHORT_DATE = re.compile(r"^(\d{4})(\d\d)(\d\d)(?=[Tt ]|$)")
SHORT_TIME = re.compile(r"^(\d{4}-\d\d-\d\d)[Tt ](\d\d)(\d\d)?(\d\d)?(?=[.,Zz+\s-]|$)")
YEAR_FIRST = re.compile(r"\d{4}([-/.])\d{1,2}\1\d{1,2}(?!\d)")
MONTH_IN_WORDS = re.compile(r"(?=.*\b\d{4}\b).*(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)")
WITH_TIME = re.compile(
    r"(?P<when>.*?\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:\s*[AaPp][Mm]\b)?)\s*(?P<zone>.*)"
)
YEAR_LAST = re.compile(r"(?P<day>[A-Za-z].*?)(?P<time>\d\d?:\d\d.*?)\s(?P<year>\d{4})")  # of `date`
OFFSET = re.compile(r"(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>\d\d?)(?::?(?P<minutes>\d\d))?")
ZONE = re.compile(r"[A-Za-z][\w+-]*(?:/[\w+-]+)*", re.ASCII)


@dataclass(frozen=True)
class Timestamp:
    """The time that a file holds, in UTC without a zone; or what of it is not understood.

    Both are empty if it holds no date at all.
    """

    handed_in: datetime | None = None
    unclear: str = ""


def not_understood(unclear: str) -> str:
    """A note that says so."""
    return (
        f"{TIMESTAMP}: {unclear} is not understood, so that nothing is late. "
        "Write it like 2026-07-10 12:30:00 +0200"
    )


def read_timestamp(content: bytes, zone: str = "UTC") -> Timestamp:
    """Read a file timestamp.txt; `zone` is the one that the course's exchange writes times in."""
    if len(content) > MAX_TIMESTAMP or not content.strip():
        return Timestamp()
    try:
        text = content.decode("utf-8-sig").strip()  # Windows marks a text by a BOM
        text = SHORT_DATE.sub(r"\1-\2-\3", text)
        text = SHORT_TIME.sub(_with_colons, text)
        text = YEAR_LAST.sub(r"\g<day>\g<year> \g<time>", text)
        parts = WITH_TIME.fullmatch(text)
        when = parse(parts["when"] if parts else text, ignoretz=True)
    except Exception:  # dateutil's errors are many
        return Timestamp()
    if not FIRST_YEAR <= when.year <= LAST_YEAR:
        return Timestamp(unclear=f"the date {text!r}")
    if not YEAR_FIRST.match(text) and not MONTH_IN_WORDS.match(text.lower()):
        return Timestamp(unclear=f"the date {text!r}")  # is it the month or the day that is first?
    named = parts["zone"] if parts else ""
    found = _zone(named, when, zone)
    if found is None:
        return Timestamp(unclear=f"the time zone {named!r}")
    return Timestamp(when.replace(tzinfo=found).astimezone(UTC).replace(tzinfo=None))


def _with_colons(found: re.Match[str]) -> str:
    date, hour, minute, second = found.groups(default="00")
    return f"{date} {hour}:{minute}:{second}"


def _zone(named: str, when: datetime, of_course: str) -> tzinfo | None:
    """The zone of a time; UTC where none is named, as nbgrader has it."""
    if named.upper() in ("", "Z", "UTC", "GMT"):
        return UTC
    if offset := OFFSET.fullmatch(named):
        size = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
        return timezone(size if offset["sign"] == "+" else -size) if size.days < 1 else None
    keys = {of_course: zone_of_course(of_course)}
    for key in (named, named.upper()):
        keys.setdefault(key, _zone_of_key(key))
    for key, zone in keys.items():
        for fold in (0, 1):  # 2:30 in the night in which clocks are put back is CEST, or CET
            here = when.replace(tzinfo=zone, fold=fold)
            short = here.tzname() == named.upper()
            if zone is not None and (short or (key == named and "/" in key)):
                return timezone(here.utcoffset() or timedelta())
    return None


def zone_of_course(name: str) -> tzinfo | None:
    """The zone that c.Exchange.timezone names; None if nbgrader finds none of that name either.

    nbgrader also takes rules such as CET-1CEST.
    """
    if (zone := _zone_of_key(name)) is not None:
        return zone
    rule: tzinfo | None = gettz(name)
    return rule


def _zone_of_key(key: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(key) if ZONE.fullmatch(key) else None
    except (OSError, ValueError, KeyError):
        return None
