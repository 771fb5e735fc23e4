"""timestamp.txt: a time with a zone is that time, and what is not understood costs nothing."""

from datetime import datetime

import pytest

from referee.nbgrader.timestamps import read_timestamp, zone_of_course

NOON = datetime(2026, 7, 10, 12)


@pytest.mark.parametrize(
    "text",
    [
        "2026-07-10 12:00",
        "2026-07-10 12:00:00.000000 UTC\n",
        "2026-07-10 12:00:00Z",
        "2026-07-10 14:00:00 +0200",
        "2026-07-10T14:00:00+02:00",
        "2026-07-10 14:00 UTC+2",
        "2026-07-10 07:00:00 EST",
        "2026-07-10 08:00:00 America/New_York",
        "Fri, 10 Jul 2026 14:00:00 +0200",
        "Fri Jul 10 12:00:00 2026",
        "Fri Jul 10 12:00:00 UTC 2026",
        "Fri Jul 10 08:00:00 AM America/New_York 2026",
        "2026/07/10 12:00:00 UTC",
        "2026.7.10 12:00",
        "2026-07-10 12:00 PM",
        "2026-07-10 02:00:00 pm +0200",
        "\ufeff2026-07-10 12:00:00 UTC\r\n",
        "20260710T120000Z",
        "20260710T1400+0200",
        "20260710 120000 utc",
        "20260710T14:00:00+02:00",
        "2026-07-10T14+02:00",
        "2026-07-10T140000+0200",
        "2026-07-10 07:00:00 est",
    ],
)
def test_time_is_read_with_its_zone(text: str) -> None:
    assert read_timestamp(text.encode()).handed_in == NOON


@pytest.mark.parametrize(
    ("text", "unclear"),
    [
        ("2026-07-10 14:00:00 CEST", "the time zone 'CEST'"),
        ("2026-07-10 08:00:00 EDT", "the time zone 'EDT'"),
        ("2026-07-10 13:00 CET", "the time zone 'CET'"),  # it is CEST in July: which one is meant?
        ("2026-07-10 12:00 PMT", "the time zone 'PMT'"),
        ("2026-07-10 12:00:00 2000", "the time zone '2000'"),
        ("Fri Jul 10 12:00:00 CEST 2026", "the time zone 'CEST'"),
        ("2026-07/10 12:00", "the date '2026-07/10 12:00'"),
        ("2026-07-10 12:00 +99:00", "the time zone '+99:00'"),
        ("2026-07-10 12:00 ../../etc/passwd", "the time zone '../../etc/passwd'"),
        ("10.07.2026 12:00", "the date '10.07.2026 12:00'"),
        ("07/10/2026 12:00 UTC", "the date '07/10/2026 12:00 UTC'"),
        ("0001-01-01 00:00 +0200", "the date '0001-01-01 00:00 +0200'"),  # in UTC, there is none
        ("9999-12-31 23:59 -0200", "the date '9999-12-31 23:59 -0200'"),
        ("0031-01-01 00:00", "the date '0031-01-01 00:00'"),
    ],
)
def test_what_is_not_understood_is_no_time_and_is_said(text: str, unclear: str) -> None:
    timestamp = read_timestamp(text.encode())
    assert (timestamp.handed_in, timestamp.unclear) == (None, unclear)


@pytest.mark.parametrize(
    ("text", "hour"), [("2026-10-25 02:30:00 CEST", 0), ("2026-10-25 02:30:00 cet", 1)]
)
def test_zone_of_the_course_is_known_by_its_short_names(text: str, hour: int) -> None:
    handed_in = read_timestamp(text.encode(), "Europe/Berlin").handed_in
    assert handed_in == datetime(2026, 10, 25, hour, 30)


def test_zone_of_the_course_may_be_a_rule_as_with_nbgrader() -> None:
    rule = "CET-1CEST"
    assert read_timestamp(b"2026-07-10 14:00:00 CEST", rule).handed_in == datetime(2026, 7, 10, 12)
    assert zone_of_course("Europe/Vienn") is None
