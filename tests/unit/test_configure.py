"""What a course has set itself stays when `configure(c)` puts Referee's steps in."""

from typing import Any

import pytest
from traitlets.config import Config

from referee import configure
from referee.nbgrader.config import AUTOGRADE, FEEDBACK, FORMGRADER, SANITIZE

EXECUTE, RESTORE = AUTOGRADE[0], SANITIZE[0]


class Own:
    """A step that is given as a class."""


def configured(option: str, steps: list[Any]) -> list[Any]:
    """A list of steps after `configure(c)`, of a course that has set it before."""
    config = Config()
    section, name = option.split(".")
    config[section][name] = steps
    configure(config)
    return list(config[section][name])


def test_steps_of_a_course_that_sets_none_are_ours() -> None:
    config = Config()
    configure(config)
    assert config.Autograde.sanitize_preprocessors == SANITIZE
    assert config.Autograde.autograde_preprocessors == AUTOGRADE
    assert config.GenerateFeedback.preprocessors == FEEDBACK
    assert config.HTMLExporter.preprocessors == FORMGRADER


def test_steps_that_were_added_before_are_there() -> None:
    config = Config()
    config.Autograde.sanitize_preprocessors.append("own.Last")
    config.Autograde.autograde_preprocessors.insert(0, "own.First")
    configure(config)
    assert config.Autograde.sanitize_preprocessors == [*SANITIZE, "own.Last"]
    assert config.Autograde.autograde_preprocessors == ["own.First", *AUTOGRADE]


@pytest.mark.parametrize("own", ["own.Step", Own])
def test_steps_in_a_list_of_nbgraders_stay_where_they_stood(own: Any) -> None:
    nbgraders = ["nbgrader.preprocessors.ClearOutput", "nbgrader.preprocessors.OverwriteCells"]
    steps = configured("Autograde.sanitize_preprocessors", ["own.First", *nbgraders, own])
    assert steps[:2] == ["own.First", RESTORE]
    assert steps.index(own) > steps.index(RESTORE)
    assert [step for step in steps if step not in ("own.First", own)] == SANITIZE


def test_step_between_execution_and_marks_stays_between() -> None:
    steps = configured(
        "Autograde.autograde_preprocessors",
        [
            "nbgrader.preprocessors.Execute",
            "own.Step",
            "nbgrader.preprocessors.SaveAutoGrades",
            "own.Last",
        ],
    )
    assert steps[:2] == [EXECUTE, "own.Step"]
    assert steps[steps.index("own.Last") - 1] == "nbgrader.preprocessors.SaveAutoGrades"


def test_filters_and_the_exporter_of_a_course_stay() -> None:
    config = Config()
    config.HTMLExporter.filters = {"own": "own.shown"}
    config.GenerateFeedback.exporter_class = "own.Pages"
    configure(config)
    assert config.HTMLExporter.filters.keys() == {"own", "highlight_code"}
    assert config.GenerateFeedback.exporter_class == "own.Pages"


def test_it_can_be_called_twice() -> None:
    config = Config()
    config.Autograde.sanitize_preprocessors.append("own.Last")
    configure(config)
    before = repr(config)
    configure(config)
    assert repr(config) == before
