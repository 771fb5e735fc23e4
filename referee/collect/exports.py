"""What an archive has of whom: the platform that made it, and each student's files of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

from referee.collect.archives import Archive, Damaged, LeftOut
from referee.collect.people import Identity
from referee.collect.platforms import PLATFORMS, Owner, Plain, Platform, Unclear
from referee.model.limits import Limits
from referee.nbgrader.timestamps import MAX_TIMESTAMP, TIMESTAMP, read_timestamp, zone_of_course
from referee.text import in_nfc

UNKNOWN = "No known platform"
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".xz")


@dataclass(frozen=True)
class HandedIn:
    """What somebody has handed in, as a platform has it.

    `places` are of its files in the archive, by what they were called when they were handed in.
    `time` is in UTC, without a zone. `group` is what the platform says of the group of `who`, if it
    was the group that has handed in.
    """

    platform: str
    who: Identity
    archive: Archive
    places: dict[PurePosixPath, PurePosixPath]
    attempt: int = 0
    time: datetime | None = None
    late: bool = False
    prefixes: dict[PurePosixPath, str] = field(default_factory=dict)
    group: Identity | None = None

    @property
    def order(self) -> tuple[datetime, int]:
        """What grows from one attempt to the next."""
        return self.time or datetime.min, self.attempt


@dataclass
class Export:
    """What an archive has; `nobodys` are notebooks of whom it is not clear whose they are.

    `left_out` are files that are not taken.
    """

    platform: str
    handed_in: list[HandedIn]
    nobodys: list[LeftOut]
    left_out: list[LeftOut]


def read_export(
    archive: Archive, assignment: str, timezone: str, notebooks: Collection[str]
) -> Export:
    """Recognise the platform, and find what each student has handed in last.

    `notebooks` are the names of the assignment's, without endings.
    """
    (platform, owners, nobodys), known = _recognise(archive, assignment, notebooks)
    files: dict[str, list[tuple[PurePosixPath, Owner]]] = {}
    for path, several in owners.items():
        for owner in several:
            files.setdefault(owner.who.uid, []).append((path, owner))
    handed_in = [
        _last_attempt(archive, platform.name, mine, timezone) for _, mine in sorted(files.items())
    ]
    return Export(platform.name if known else UNKNOWN, handed_in, nobodys, archive.left_out)


_Reading = tuple[Platform, dict[PurePosixPath, list[Owner]], list[LeftOut]]


def _recognise(
    archive: Archive, assignment: str, notebooks: Collection[str]
) -> tuple[_Reading, bool]:
    """The platform whose names most notebooks have, whose the files are, and what is nobody's.

    Returns also whether any name is one that it gives.
    """
    readings = [_read_names(make(archive, assignment, notebooks), archive) for make in PLATFORMS]

    def fits(reading: _Reading) -> tuple[int, int, int]:
        _, owners, unclear = reading
        owned = [path for path, several in owners.items() if several]
        return sum(path.suffix == ".ipynb" for path in owned), len(unclear), len(owned)

    platform, owners, unclear = max(readings, key=fits)
    known = any(fits((platform, owners, unclear)))
    maker = platform.name if known else "any known platform"
    nobodys = [
        LeftOut(
            str(path),
            f"its name is not one that {maker} gives: it says no student. Put it into a folder "
            "named after the student, in the folder that you collect",
        )
        for path, several in owners.items()
        if not several and path.suffix == ".ipynb"
    ]
    return (platform, owners, unclear + nobodys), known


def _read_names(platform: Platform, archive: Archive) -> _Reading:
    owners: dict[PurePosixPath, list[Owner]] = {}
    unclear = []
    for path in archive.sizes:
        try:
            owners[path] = platform.owners(path)
        except Unclear as reason:
            unclear.append(LeftOut(str(path), str(reason)))
    return platform, owners, unclear


def _last_attempt(
    archive: Archive, platform: str, files: list[tuple[PurePosixPath, Owner]], timezone: str
) -> HandedIn:
    """What one student has handed in last; of two files of a name, the later one.

    What was typed in counts only where there is no file.
    """
    files = [(path, owner) for path, owner in files if not owner.typed] or files
    timed = [(path, replace(owner, time=_in_utc(owner.time, timezone))) for path, owner in files]
    last = max((owner.time for _, owner in timed if owner.time), default=None)
    timed = [(path, owner) for path, owner in timed if owner.time == last]
    by_name = {owner.file: (path, owner) for path, owner in sorted(timed, key=_attempt)}
    owner = max((owner for _, owner in timed), key=lambda owner: owner.attempt)
    return HandedIn(
        platform,
        owner.who,
        archive,
        {name: path for name, (path, each) in by_name.items() if not each.typed},
        owner.attempt,
        last or _time_beside(archive, platform, by_name.get(PurePosixPath(TIMESTAMP)), timezone),
        any(each.late for _, each in timed),
        {name: each.prefix for name, (_, each) in by_name.items() if each.prefix},
    )


def _time_beside(
    archive: Archive, platform: str, stamp: tuple[PurePosixPath, Owner] | None, timezone: str
) -> datetime | None:
    """The time in the file timestamp.txt, where students have not written it themselves."""
    if stamp is None or platform != Plain.name:
        return None
    try:
        content = archive.read(stamp[0], MAX_TIMESTAMP)
    except Damaged:
        return None
    return read_timestamp(content, timezone).handed_in


def read_files(
    handed_in: HandedIn, limits: Limits
) -> tuple[dict[PurePosixPath, bytes], list[LeftOut]]:
    """The files of a submission, as far as there is room for them, and those that are left out."""
    contents: dict[PurePosixPath, bytes] = {}
    left_out: list[LeftOut] = []
    room = limits.notebook_file + limits.files
    notebooks_first = sorted(handed_in.places, key=lambda name: (name.suffix != ".ipynb", name))
    for name in notebooks_first:
        try:
            _require_welcome(name, handed_in.platform, len(contents), limits)
            most = min(room, limits.notebook_file if name.suffix == ".ipynb" else limits.files)
            contents[name] = handed_in.archive.read(handed_in.places[name], most)
            room -= len(contents[name])
        except Damaged as reason:
            left_out.append(LeftOut(str(handed_in.places[name]), str(reason)))
    return contents, left_out


def _attempt(file: tuple[PurePosixPath, Owner]) -> tuple[int, PurePosixPath]:
    return file[1].attempt, file[0]


def _require_welcome(name: PurePosixPath, platform: str, taken: int, limits: Limits) -> None:
    """Refuse what a submission should not bring.

    Raises:
        Damaged: it is not taken, and why.

    """
    if name.suffix.lower() in ARCHIVES:
        raise Damaged("it is an archive in the archive; unpack it by hand if you need what it has")
    if name.name == TIMESTAMP and (platform != Plain.name or len(name.parts) > 1):
        raise Damaged("students do not say themselves when they have handed in")
    if taken > limits.submitted_files:
        raise Damaged(f"a submission may bring {limits.submitted_files} files beside its notebooks")


def _in_utc(time: datetime | None, timezone: str) -> datetime | None:
    """A time in UTC, without a zone; without one before, it is the course's."""
    if time is None:
        return None
    zoned = time if time.tzinfo else time.replace(tzinfo=zone_of_course(timezone))
    return zoned.astimezone(UTC).replace(tzinfo=None)


def as_submission(
    handed_in: dict[PurePosixPath, bytes], time: datetime | None, expected: Iterable[str]
) -> tuple[dict[PurePosixPath, bytes], dict[str, str]]:
    """The files as nbgrader wants them, and which file each notebook was.

    A notebook of the right name, or the only one where one is expected, comes to the top, and what
    was beside it stays beside it.
    """
    names = {in_nfc(name): name for name in expected}
    books = [path for path in handed_in if path.suffix == ".ipynb"]
    if len(names) == 1 and len(books) == 1:
        meant = {books[0]: next(iter(names.values()))}
    else:
        at_top_first = sorted(books, key=lambda path: (len(path.parts), path))
        first = {path.stem: path for path in reversed(at_top_first)}
        meant = {first[stem]: name for stem, name in names.items() if stem in first}
    homes = {path.parent for path in meant}
    home = next(iter(homes)) if len(homes) == 1 else PurePosixPath()
    files: dict[PurePosixPath, bytes] = {}
    for path in sorted(handed_in, key=lambda path: (path not in meant, path)):
        beside = path.relative_to(home) if path.is_relative_to(home) else path
        place = PurePosixPath(f"{meant[path]}.ipynb") if path in meant else beside
        files.setdefault(place, handed_in[path])
    if time is not None:
        files[PurePosixPath(TIMESTAMP)] = f"{time:%Y-%m-%d %H:%M:%S} UTC\n".encode()
    # A zip may have a file and a folder of the same name; a disk has not.
    files = {path: each for path, each in files.items() if not set(path.parents) & files.keys()}
    return files, {name: str(path) for path, name in meant.items()}
