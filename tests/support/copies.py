"""A large class out of a small one: copies of what was graded, recorded as if graded."""

from dataclasses import replace
from itertools import cycle, islice

from referee.model.work import NotebookMarks, Result, to_bytes
from referee.nbgrader.course import Course
from referee.nbgrader.gradebook import read_shown_marks
from referee.record.journal import latest_lines
from referee.record.recorder import GradedSubmission, Recorder


def record_copies(course: Course, assignment: str, students: int) -> None:
    """Add students until the class has so many, each a copy of one that is there in turn."""
    results = graded_results(course, assignment)
    names = (f"{result.student} {number}" for number, result in enumerate(cycle(results), 2))
    copies = [
        replace(result, student=name)
        for result, name in islice(zip(cycle(results), names, strict=False), students)
    ][: students - len(results)]
    graded = [GradedSubmission(to_bytes(copy), copy, "", {}) for copy in copies]
    with Recorder(course, assignment) as recorder:
        recorder.record(recorder.keep(graded))


def graded_results(course: Course, assignment: str) -> list[Result]:
    """The results that are recorded, as workers have sent them."""
    marks = read_shown_marks(course, assignment)
    return [
        Result(
            student,
            line.outcome,
            line.reason,
            line.notes,
            seconds=line.seconds,
            cells=line.cells,
            marks={
                name: NotebookMarks(dict(book.points), dict(book.comments))
                for name, book in marks.get(student, {}).items()
            },
            autograded=_files(course, course.directory.autograded_directory, student, assignment),
            feedback=_files(course, course.directory.feedback_directory, student, assignment),
        )
        for student, line in latest_lines(course, assignment).items()
    ]


def _files(course: Course, step: str, student: str, assignment: str) -> dict[str, bytes]:
    folder = course.path(step, student, assignment)
    return {path.name: path.read_bytes() for path in folder.glob("*") if path.is_file()}
