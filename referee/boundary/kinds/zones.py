"""Time zones as plain data: none, seconds from UTC, or a name in the system's database."""

import re
import sys
from datetime import timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

NAME = re.compile(r"[A-Za-z0-9_+-]{1,30}(/[A-Za-z0-9_+-]{1,30}){0,2}")
PYTZ = "pytz:"  # before the name of a zone of that library, which older versions of pandas use


def zone_of(zone: tzinfo | None) -> float | str | None:
    """A time zone as plain data.

    Raises:
        ValueError: it is of a class of its own.

    """
    if zone is None:
        return None
    if type(zone) is timezone:
        return zone.utcoffset(None).total_seconds()
    if type(zone) is ZoneInfo and zone.key is not None and NAME.fullmatch(zone.key):
        return zone.key
    name = getattr(zone, "zone", None)
    if type(zone).__module__.partition(".")[0] == "pytz" and type(name) is str:
        return PYTZ + name
    raise ValueError(f"a time zone of class {type(zone).__name__} does not cross")


def has_zone(zone: tzinfo | None) -> bool:
    """Whether a time zone crosses."""
    try:
        zone_of(zone)
    except ValueError:
        return False
    return True


def made_zone(zone: Any) -> tzinfo | None:
    """Read what zone_of gave.

    Raises:
        ValueError, KeyError: there is no such time zone.

    """
    if zone is None:
        return None
    if type(zone) is float:
        return timezone(timedelta(seconds=zone))
    if type(zone) is str and zone.startswith(PYTZ):
        return _of_pytz(zone.removeprefix(PYTZ))
    if type(zone) is str and NAME.fullmatch(zone):
        return ZoneInfo(zone)
    raise ValueError("there is no such time zone")


def _of_pytz(name: str) -> tzinfo:
    pytz: Any = sys.modules.get("pytz")
    if pytz is None or name not in pytz.all_timezones_set:
        raise ValueError("there is no such time zone")
    zone: tzinfo = pytz.timezone(name)
    return zone
