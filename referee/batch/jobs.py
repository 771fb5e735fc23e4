"""What workers are given to do: a function from bytes to bytes, by its kind."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from referee.grade.graders import Graders
from referee.model.outcomes import Outcome
from referee.model.work import Pages, Result, to_bytes


class JobKind(Enum):
    """What is to be done: Work becomes a Result, and PageWork becomes Pages."""

    GRADE = "grade"
    WRITE_PAGES = "write pages"


@dataclass(frozen=True)
class Job:
    """One submission's job, with what it takes as bytes."""

    kind: JobKind
    student: str
    work: bytes

    def failed(self, reason: str) -> bytes:
        """What is answered in place of a worker that was lost, say."""
        if self.kind is JobKind.WRITE_PAGES:
            return to_bytes(Pages(self.student, problem=reason))
        return to_bytes(Result(self.student, Outcome.GRADER_FAULT, reason, log=reason))


def do(job: Job, graders: Graders, on_cell: Callable[[str], None]) -> Pages | Result:
    """Do a job."""
    if job.kind is JobKind.WRITE_PAGES:
        return graders.write_pages(job.work)
    return graders.grade(job.work, on_cell)


@dataclass(frozen=True)
class Answer:
    """What a worker sends back: its address, and the result as bytes.

    `failed` if the grader did, and `busy` if something was lost to wall-clock time alone.
    """

    worker: str
    result: bytes
    failed: bool = False
    busy: bool = False

    @classmethod
    def of(cls, worker: str, done: Pages | Result) -> "Answer":
        """The answer of a worker with what it has done."""
        failed = isinstance(done, Result) and done.outcome == Outcome.GRADER_FAULT
        return cls(worker, to_bytes(done), failed, isinstance(done, Result) and done.busy)
