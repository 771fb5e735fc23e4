"""Bringing exports of learning platforms into submitted/STUDENT/ASSIGNMENT/.

Nothing is written outside of submitted/, and nothing is overwritten that is newer, or that somebody
has changed by hand: that is said instead.
"""

import hashlib
import os
import shutil
import stat
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from referee.collect.archives import LeftOut, open_archive
from referee.collect.exports import Export, HandedIn, as_submission, read_export, read_files
from referee.collect.files import walk
from referee.collect.people import (
    PARTICIPANT,
    AmbiguousError,
    Identity,
    People,
    of_gradebook,
    on_platform,
    own_name,
    same_name,
)
from referee.collect.platforms.moodle import Moodle, is_group
from referee.collect.records import Collected, read_live_records, write_records
from referee.collect.rosters import read_roster
from referee.collect.submissions import OF_PROGRAMS
from referee.errors import RefereeError
from referee.model.limits import Limits
from referee.nbgrader.course import Course
from referee.nbgrader.students import MARKUP, Person, add_people, person, read_people
from referee.nbgrader.timestamps import TIMESTAMP, read_timestamp
from referee.text import MOST_NAMED, in_nfc, printable_line

MAX_STUDENT = 128  # bytes of a student's id, of which the gradebook takes 128 characters
NO_ID = "is in the roster without an id, a login or an e-mail; add one of them"
ONLY_TYPED = "there is no file, only what was typed in on the platform"
NEW, REPLACED, UNCHANGED, KEPT = "new", "replaced", "unchanged", "kept"


@dataclass(frozen=True)
class Renamed:
    """A student who was called `before` when the same person's work was collected the last time.

    `moved` says whether the work went along; what was changed by hand stays where it was.
    """

    student: str
    before: str
    moved: bool


@dataclass(frozen=True)
class Placed:
    """What became of what a student has handed in: NEW, REPLACED, UNCHANGED or KEPT, and why."""

    student: str
    what: str
    why: str = ""


@dataclass
class Collection:
    """What came of collecting. `late` are students whom a platform calls late without a time.

    `strangers` are called what their platform calls them, since the course does not know them: it
    knows others, or they could be groups.
    """

    platforms: list[str] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    renamed: list[Renamed] = field(default_factory=list)
    not_placed: list[LeftOut] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    without_submission: list[str] = field(default_factory=list)


def collect_exports(
    course: Course,
    assignment: str,
    archives: Iterable[Path],
    roster: Path | None = None,
    force: bool = False,
) -> Collection:
    """Write what the archives have of each student into submitted/, and say what became of it.

    With a roster, only its students are taken, and the gradebook gets their names. Without one,
    students whom neither the gradebook nor an earlier collection knows are called what the platform
    calls them. `force` replaces also what is newer or was changed by hand.

    Raises:
        RefereeError: an archive, the roster or the records cannot be read.

    """
    records = read_live_records(course, assignment)
    in_gradebook = [each.student for each in read_people(course)] if roster is not None else []
    read = read_roster(roster, in_gradebook) if roster is not None else None
    listed = read.students if read is not None else None
    students, collection = match_exports(course, assignment, archives, records, listed)
    if read is not None:
        collection.left_out += [LeftOut(name, NO_ID) for name in read.without_id]
    placing = _Placing(course, assignment, records, force, collection)
    for student, handed_in in sorted(students.items()):
        placing.place(student, handed_in)
    placed = {each.student for each in collection.placed}
    collection.strangers = [each for each in collection.strangers if each in placed]
    write_records(course, assignment, records)
    if listed is not None:
        add_people(course, _usable_people(listed))
    return collection


def match_exports(
    course: Course,
    assignment: str,
    archives: Iterable[Path],
    records: dict[str, Collected],
    listed: dict[str, Identity] | None = None,
) -> tuple[dict[str, HandedIn], Collection]:
    """What the archives have of each student, and what of them is nobody's. Nothing is written.

    `listed` are the students of a roster, if there is one.

    Raises:
        RefereeError: an archive cannot be read.

    """
    archives = list(archives)
    for path in archives:
        _require_no_course(course, path)
    notebooks = _notebooks(course, assignment)
    exports = [
        read_export(open_archive(path), assignment, course.timezone, notebooks) for path in archives
    ]
    left_out = [each for export in exports for each in export.left_out]
    notebooks_left_out = [each for each in left_out if each.name.lower().endswith(".ipynb")]
    collection = Collection(
        [export.platform for export in exports],
        not_placed=[nobodys for export in exports for nobodys in export.nobodys]
        + notebooks_left_out,
        left_out=[each for each in left_out if each not in notebooks_left_out],
    )
    known = read_people(course)
    handed_in = _of_members(_latest(exports), listed or {})
    platforms = {each.platform for each in handed_in}
    people = {platform: known_people(known, listed, platform) for platform in platforms}
    students = _match(handed_in, people, records, listed, collection)
    if listed is not None:
        collection.without_submission = sorted(listed.keys() - students.keys())
    return students, collection


def _require_no_course(course: Course, path: Path) -> None:
    """Refuse a folder of the course's own: its folders would be taken for students.

    Raises:
        RefereeError: it is one, or one that the course lies in.

    """
    directory, folder = course.directory, path.resolve()
    steps = (
        directory.source_directory,
        directory.release_directory,
        directory.autograded_directory,
        directory.feedback_directory,
    )
    own = [(course.root / step).resolve() for step in steps]
    if course.root.resolve().is_relative_to(folder) or any(map(folder.is_relative_to, own)):
        raise RefereeError(
            f"{path} is a folder of the course itself, and no export of a learning platform. Give "
            "the zip file or the folder that you have downloaded."
        )


def known_people(
    of_course: Iterable[Person], roster: dict[str, Identity] | None, platform: str
) -> People:
    """The students of the gradebook and of a roster; of a roster only, if there is one."""
    people = People()
    for student, who in (roster or {}).items():
        people.add(student, on_platform(who, platform))
    for known in of_course:
        if roster is None or known.student in roster:
            people.add(known.student, of_gradebook(known, platform))
    return people


def _usable_people(roster: dict[str, Identity]) -> Iterator[Person]:
    """The students of a roster, less those with ids that no student can have."""
    for student, who in roster.items():
        with suppress(_NoStudentError):
            _require_usable(student)
            yield person(student, who.name, who.email)


def _latest(exports: list[Export]) -> list[HandedIn]:
    """Of each person of each platform, what was handed in last; of equals, what was given last."""
    latest: dict[tuple[str, str], HandedIn] = {}
    for export in exports:
        for handed_in in export.handed_in:
            key = export.platform, handed_in.who.uid
            if key not in latest or handed_in.order >= latest[key].order:
                latest[key] = handed_in
    return list(latest.values())


def _match(
    handed_in: list[HandedIn],
    people: dict[str, People],
    records: dict[str, Collected],
    listed: dict[str, Identity] | None,
    collection: Collection,
) -> dict[str, HandedIn]:
    """Whose each is, by the `people` that each platform could mean.

    Two that seem to be one student's are nobody's.
    """
    only_listed = listed is not None
    # Where marking is anonymous, Moodle has one name for all.
    anonymous = {PARTICIPANT} | {
        name for name, times in Counter(each.who.name for each in handed_in).items() if times > 1
    }
    seen = {(record.platform, record.who.uid): student for student, record in records.items()}
    found: list[tuple[str, HandedIn]] = []
    for each in handed_in:
        student = seen.get((each.platform, each.who.uid))
        try:
            known = people[each.platform]
            if student is None or (only_listed and student not in known.students):
                student = known.find(each.who)
            stranger = student is None
            if student is None:
                student = _unknown(each.who, only_listed)
            _require_usable(student)
            if each.platform == Moodle.name and each.who.name not in anonymous:
                _require_no_group(each.who, (listed or {}).get(student, Identity()))
        except (AmbiguousError, _NoStudentError) as reason:
            collection.not_placed.append(LeftOut(f"{each.platform}: {each.who}", str(reason)))
            continue
        found.append((student, each))
        # A course without students knows nobody, but it may be groups that Moodle has in the names.
        if stranger and (known.students or each.platform == Moodle.name):
            collection.strangers.append(student)
    same = Counter(_folded(student) for student, _ in found)
    collected = {_folded(student): student for student in records}
    students = {}
    for student, each in found:
        record = records.get(student)
        before = collected.get(_folded(student), student)
        if same[_folded(student)] > 1:
            why = f"two people of the platform seem to be {student}; give a roster that tells them"
        elif record and record.platform == each.platform and record.who.uid != each.who.uid:
            why = f"{student} was somebody else at {each.platform} before: {record.who}"
        elif record is None and before != student and not _is_of(each, records[before]):
            why = f"{before} was collected before, which is nearly the same; make them one name"
        else:
            students[student] = each
            continue
        collection.not_placed.append(LeftOut(f"{each.platform}: {each.who}", why))
    return students


def _folded(student: str) -> str:
    """A student's name as far as it tells students from each other."""
    return in_nfc(student).strip().casefold()


def _is_of(handed_in: HandedIn, record: Collected) -> bool:
    """Whether the same person, or their group, has handed it in as what was collected before."""
    if record.platform != handed_in.platform:
        return False
    return record.who.uid == handed_in.who.uid or record.who == handed_in.group


def _of_members(handed_in: list[HandedIn], listed: dict[str, Identity]) -> list[HandedIn]:
    """Of each group of Moodle, what its members have handed in; of others, what it was.

    A group's number is none of a participant, so the names on the way back are made anew.
    """
    found = []
    for each in handed_in:
        members = [
            who
            for who in listed.values()
            if each.platform == Moodle.name and who.uid and is_group(each.who.name, who.group)
        ]
        found += [
            replace(
                each,
                who=who,
                prefixes=dict.fromkeys(each.prefixes, Moodle.prefix(who)),
                group=each.who,
            )
            for who in members
        ] or [each]
    return found


def _require_no_group(who: Identity, known: Identity) -> None:
    """Refuse the number of one of Moodle's groups that a participant has, too.

    Raises:
        _NoStudentError: the name is not that of the participant.

    """
    if who.uid == known.uid and who.name and known.name and not same_name(who.name, known.name):
        raise _NoStudentError(
            f"the number {who.uid} is that of {known.name}, who has another name. If students hand "
            "in as groups, it is the number of a group: give Moodle's grading worksheet as "
            "--roster, which says who is in it"
        )


class _NoStudentError(Exception):
    """It is nobody of the course."""


def _unknown(who: Identity, only_listed: bool) -> str:
    """What somebody is called whom nobody knows."""
    if only_listed:
        raise _NoStudentError(
            "nobody in the roster has this id, login, e-mail or name: add a line, or the column "
            "that the archive names people by"
        )
    return own_name(who)


def _require_usable(student: str) -> None:
    wrong = (
        not student.isprintable() or "/" in student or "\\" in student or student.startswith(".")
    )
    wrong = wrong or student in OF_PROGRAMS or not MARKUP.isdisjoint(student)
    if wrong or not 0 < len(student.encode()) <= MAX_STUDENT:
        raise _NoStudentError("no student can have this id; give a roster with another one")


def read_placed(
    course: Course, assignment: str, handed_in: HandedIn
) -> tuple[dict[PurePosixPath, bytes], dict[str, str], list[LeftOut]]:
    """A submission's files as nbgrader wants them, what its notebooks were called, what is not."""
    contents, left_out = read_files(handed_in, Limits(config=course.app.config))
    files, originals = as_submission(contents, handed_in.time, _notebooks(course, assignment))
    return files, originals, left_out


def _notebooks(course: Course, assignment: str) -> list[str]:
    """The names of an assignment's notebooks, without endings."""
    return sorted(path.stem for path in course.materials(assignment).glob("*.ipynb"))


@dataclass
class _Placing:
    """Writes submissions one after another, and says in `collection` what became of them."""

    course: Course
    assignment: str
    records: dict[str, Collected]
    force: bool
    collection: Collection

    def place(self, student: str, handed_in: HandedIn) -> None:
        """Write one submission, if it may be, and remember it."""
        files, originals, left_out = read_placed(self.course, self.assignment, handed_in)
        self.collection.left_out += left_out
        if not any(path.suffix == ".ipynb" for path in files):
            who = f"{handed_in.platform}: {handed_in.who}"
            there = printable_line(", ".join(sorted(map(str, handed_in.places))[:MOST_NAMED]))
            why = f"there is no notebook to be taken: {there}" if there else ONLY_TYPED
            self.collection.not_placed.append(LeftOut(who, why))
            return
        folder = self._folder(student)
        what, why = _decide(folder, files, handed_in, self.records.get(student), self.force)
        if what in (NEW, REPLACED):
            _write(folder, files)
        if what != KEPT:
            self.records[student] = _record(handed_in, files, originals)
            self._take_from_before(student, handed_in)
        self.collection.placed.append(Placed(student, what, why))
        if handed_in.late and handed_in.time is None:
            self.collection.late.append(student)

    def _take_from_before(self, student: str, handed_in: HandedIn) -> None:
        """Take the person's work away from what they were called before, so that it counts once."""
        for before, record in list(self.records.items()):
            if before != student and _is_of(handed_in, record):
                folder = self._folder(before)
                moved = not folder.exists() or _is_as_collected(folder, record)
                if moved:
                    shutil.rmtree(folder, ignore_errors=True)
                    with suppress(OSError):  # there is work for other assignments in it
                        folder.parent.rmdir()
                del self.records[before]
                self.collection.renamed.append(Renamed(student, before, moved))

    def _folder(self, student: str) -> Path:
        submitted = self.course.directory.submitted_directory
        return self.course.path(submitted, student, self.assignment)


def _is_as_collected(folder: Path, record: Collected) -> bool:
    if folder.is_symlink() or folder.parent.is_symlink():
        return False
    there = _files_in(folder)
    return there is not None and _digest(there) == record.digest


def _record(
    handed_in: HandedIn, files: dict[PurePosixPath, bytes], originals: dict[str, str]
) -> Collected:
    known = {PurePosixPath(original): name for name, original in originals.items()}
    # Of other notebooks it is found out in grading which ones they are, or never.
    books = sorted(
        (path for path in handed_in.prefixes if path.suffix == ".ipynb"),
        key=lambda path: (path not in known, path),
    )
    prefixes: dict[str, str] = {}
    for path in books:
        prefixes.setdefault(known.get(path, path.stem), handed_in.prefixes[path])
    return Collected(
        handed_in.platform,
        handed_in.who,
        _digest(files),
        handed_in.attempt,
        handed_in.time.isoformat() if handed_in.time else "",
        handed_in.late,
        prefixes,
    )


def _decide(
    folder: Path,
    files: dict[PurePosixPath, bytes],
    handed_in: HandedIn,
    record: Collected | None,
    force: bool,
) -> tuple[str, str]:
    """What is to become of a submission, and why if it is not to be written."""
    if folder.is_symlink() or folder.parent.is_symlink():
        return KEPT, f"{folder} is a link, and nothing is written through it"
    if not folder.exists():
        return NEW, ""
    there = _files_in(folder)
    if there is not None and _digest(there) == _digest(files):
        return UNCHANGED, ""
    if force:
        return REPLACED, ""
    stamp = (there or {}).get(PurePosixPath(TIMESTAMP), b"")
    time_there = read_timestamp(stamp).handed_in if stamp else None
    if time_there and handed_in.time and time_there > handed_in.time:
        return KEPT, "what is in submitted/ is newer"
    if record and record.platform == handed_in.platform and record.attempt > handed_in.attempt:
        return KEPT, "a later attempt was collected before"
    as_collected = record is not None and there is not None and _digest(there) == record.digest
    is_newer = bool(time_there and handed_in.time and time_there < handed_in.time)
    if not (as_collected or is_newer):
        return KEPT, "what is in submitted/ came another way, or was changed by hand"
    return REPLACED, ""


def _files_in(folder: Path) -> dict[PurePosixPath, bytes] | None:
    """The files of a folder; None if something else is in it, or it cannot be read."""
    found = {}
    try:
        for path in walk(folder):
            status = path.lstat()
            if stat.S_ISREG(status.st_mode):
                found[PurePosixPath(in_nfc(str(path.relative_to(folder))))] = path.read_bytes()
            elif not stat.S_ISDIR(status.st_mode):
                return None
    except OSError:
        return None
    return found


def _digest(files: dict[PurePosixPath, bytes]) -> str:
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        for part in (os.fsencode(path), content):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _write(folder: Path, files: dict[PurePosixPath, bytes]) -> None:
    """Write the files of a submission in place of what was there, all of them or none.

    Raises:
        RefereeError: they cannot be written.

    """
    submitted = folder.parent.parent
    try:
        submitted.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".collect-", dir=submitted) as place:
            new, old = Path(place) / "new", Path(place) / "old"
            for path, content in files.items():
                target = new / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            folder.parent.mkdir(exist_ok=True)
            if folder.exists():
                folder.rename(old)
            new.rename(folder)
            shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise RefereeError(
            f"{folder} cannot be written: {error.strerror}. Make room or correct the permissions, "
            "and collect again."
        ) from None
