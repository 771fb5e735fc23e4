"""What the student's code logs, as a test hears of it."""

import logging
from collections.abc import Iterator

import pytest

from referee.judge.library_settings import LibrarySettings


class Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    logger = logging.getLogger("graders")
    yield logger
    logger.handlers.clear()


def test_a_student_writes_to_no_log_of_the_graders(logger: logging.Logger) -> None:
    graders, tests = Records(), Records()
    logger.addHandler(graders)
    settings = LibrarySettings()
    logger.addHandler(tests)
    settings._hear("graders", logging.WARNING, "%s")
    assert (graders.messages, tests.messages) == ([], ["%s"])


def test_record_of_an_unknown_logger_makes_none(logger: logging.Logger) -> None:
    tests, settings = Records(), LibrarySettings()
    logger.addHandler(tests)
    settings._hear("graders.of.students", logging.WARNING, "text")
    assert tests.messages == ["text"]
    assert "graders.of" not in logging.root.manager.loggerDict


@pytest.mark.parametrize("record", [("graders", "30", ""), (1, 30, ""), ("graders", 30, ["x"])])
def test_record_that_is_none_is_refused(record: tuple[object, ...]) -> None:
    with pytest.raises(TypeError):
        LibrarySettings()._hear(*record)
