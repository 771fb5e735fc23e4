"""Finding out what is due: which submissions are new or have changed, and in which order."""

import hashlib
import json
import math
from typing import Any

from referee import __version__
from referee.collect.fingerprint import loops_in, state_of
from referee.collect.submissions import Submission
from referee.feedback.pages import SECTIONS as FEEDBACK_SECTIONS
from referee.model.assignment import what_marks_depend_on
from referee.model.outcomes import Outcome
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import GradebookState, points_of_tests, students_of
from referee.nbgrader.package import course_files
from referee.nbgrader.scoring import LatePenalties
from referee.record.journal import JournalLine, latest_lines
from referee.text import name_of

# Of nbgrader_config.py, all but this makes a difference to results; files that workers need do.
OTHER_SECTIONS = {"Workers", *FEEDBACK_SECTIONS}


class Plan:
    """Which of the submissions of one run are to be graded, by what the last runs have recorded.

    `grader` is a hash of what all results depend on, and `states`, by student, of all that each of
    them does; `handed_in` are hashes of the submissions' files, and `unchanged` are those whose
    files were graded before, once it is split.
    What being late costs is no part of a result, nor is what `penalties` obey.
    """

    def __init__(
        self,
        course: Course,
        known: GradebookState,
        submissions: list[Submission],
        penalties: LatePenalties,
    ) -> None:
        self.course = course
        self.assignment = known.assignment.name
        self.submissions = {submission.student: submission for submission in submissions}
        self.grader = digest(
            __version__,
            course.sandboxed,
            _settings(course, OTHER_SECTIONS | penalties.sections),
            what_marks_depend_on(known.assignment),
            course_files(course, without=penalties.modules),
            state_of(course.materials(self.assignment), materials=True),
        )
        self.handed_in = {
            student: state_of(submission.folder) for student, submission in self.submissions.items()
        }
        self.states = {
            student: digest(self.grader, files) for student, files in self.handed_in.items()
        }
        self.unchanged: set[str] = set()

    def split(self, *, force: bool) -> tuple[list[Submission], list[JournalLine]]:
        """The submissions that are due, and the lines of those that are not.

        What takes longest comes first, so that nobody waits for it in the end.
        """
        latest = latest_lines(self.course, self.assignment)
        self.unchanged = {
            student
            for student, files in self.handed_in.items()
            if student in latest and latest[student].handed_in == files
        }
        with self.course.gradebook(only_read=True) as gradebook:
            points = points_of_tests(gradebook.db, self.assignment)
            known = students_of(gradebook.db)
        current = {
            student: line
            for student, line in latest.items()
            if student in self.submissions and not force and self._is_current(line, points, known)
        }
        due = [each for each in self.submissions.values() if each.student not in current]
        due.sort(key=lambda submission: _priority(submission, latest))
        return due, list(current.values())

    def _is_current(self, line: JournalLine, points: dict[str, float], known: set[str]) -> bool:
        """Whether it was graded as it is now, and what came of that is there.

        An older copy of the gradebook has other points than the journal says, or none; or it does
        not know of somebody without marks.
        """
        if line.state != self.states[line.student] or line.outcome == Outcome.GRADER_FAULT:
            return False
        autograded = self.course.directory.autograded_directory
        folder = self.course.path(autograded, line.student, self.assignment)
        recorded, found = line.points, points.get(line.student)
        has_marks = found is not None and (
            recorded is None or math.isclose(recorded, found, abs_tol=1e-9)
        )
        if not line.outcome.has_marks:
            return line.student in known or line.outcome is Outcome.UNKNOWN_STUDENT
        return has_marks and folder.is_dir()


def _priority(submission: Submission, latest: dict[str, JournalLine]) -> tuple[float, int, int]:
    """What is new comes first, then what took longest; of what is new, that with most loops."""
    if submission.student in latest:
        return -latest[submission.student].seconds, 0, 0
    without_end, others = loops_in(submission.folder)
    return -math.inf, -without_end, -others


def _settings(course: Course, without: set[str]) -> dict[str, Any]:
    """What nbgrader_config.py says, as far as results depend on it.

    Empty sections say nothing: traitlets makes one wherever a section is looked up.
    """
    config = course.app.config
    return {name: config[name] for name in sorted(config) if config[name] and name not in without}


def digest(*parts: Any) -> str:
    """A hash of values."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=name_of).encode()).hexdigest()
