"""What came of collecting exports of learning platforms, for the terminal."""

from collections import Counter

from rich.console import Console

from referee.collect.archives import LeftOut
from referee.collect.placing import KEPT, Collection, Renamed
from referee.report.tables import say

MAX_LISTED = 50


def print_collection(console: Console, found: Collection) -> None:
    """Say how many were placed, and list all that the teacher may have to look at."""
    counts = Counter(placed.what for placed in found.placed)
    said = ", ".join(f"{count} {what}" for what, count in counts.items()) or "nothing"
    say(console, f"{', '.join(found.platforms)}: {said}")
    kept = [LeftOut(each.student, each.why) for each in found.placed if each.what == KEPT]
    _list(console, "Kept as it was; --force replaces it", kept)
    if found.renamed:
        _list(console, "Called otherwise than before", [_renamed(each) for each in found.renamed])
        say(
            console,
            "The old names stay in the gradebook. `nbgrader db student remove 'OLD NAME' --force` "
            "removes one, with its marks if there are any.",
            "yellow",
        )
    _list(console, "Could not be placed", found.not_placed)
    _list(console, "Left out", found.left_out)
    if found.strangers:
        names = _named(sorted(found.strangers))
        say(
            console,
            f"Not known in this course, and new students of it now: {names}. If they are others or "
            "groups, give a roster, which says who they are.",
            "yellow",
        )
    if found.late:
        names = ", ".join(found.late)
        say(
            console,
            f"Late, says the platform, but not how late: {names}. To count it, write the time into "
            "timestamp.txt beside the notebook.",
            "yellow",
        )
    if found.without_submission:
        names = ", ".join(found.without_submission)
        say(console, f"In the roster, and nothing handed in: {names}")


def _renamed(each: Renamed) -> LeftOut:
    work = (
        "the work has moved"
        if each.moved
        else f"submitted/{each.before} was changed by hand and is still there; remove it"
    )
    return LeftOut(each.student, f"was {each.before}; {work}")


def _named(students: list[str]) -> str:
    more = len(students) - MAX_LISTED
    return ", ".join(students[:MAX_LISTED]) + (f" and {more} more" if more > 0 else "")


def _list(console: Console, title: str, entries: list[LeftOut]) -> None:
    if entries:
        say(console, f"{title}:", "yellow")
        for entry in entries[:MAX_LISTED]:
            say(console, f"  {entry.name}: {entry.reason}", "yellow")
        if len(entries) > MAX_LISTED:
            say(console, f"  and {len(entries) - MAX_LISTED} more", "yellow")
