"""The guides and the README name only commands that there are; the commands have help."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from referee.cli import referee as program
from tests.support.guides import PAGES, Command, NoSuchCommand, check, commands_of
from tests.support.solutions import REPO

COMMANDS = {each.text: each for page in PAGES for each in commands_of(page)}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda each: each.text)
def test_command_of_a_guide_exists(command: Command) -> None:
    check(command)


def test_commands_are_found() -> None:
    """Otherwise the test above would be green without a command."""
    pages = {command.page for command in COMMANDS.values()}
    assert {"README.md", "docs/first-hour.md", "docs/platforms/moodle.md"} <= pages
    assert sum(command.complete for command in COMMANDS.values()) > 30


@pytest.mark.parametrize(
    "text",
    [
        "referee grades optimization",
        "referee grade optimization --colour",
        "referee grade",
        "referee scores optimization Q3",
        "referee export optimization --feedback-zip vista",
        "dask worker tcp://HEAD:8786 --threads 1",
        "nbgrader generate_feedbacks ps1",
        "nbgrader generate_assignment ps1 --forced",
        "nbgrader db students remove ada",
        "make everything",
        "python -m no_such_module",
        "conda install referee",
    ],
)
def test_wrong_command_is_red(text: str) -> None:
    with pytest.raises(NoSuchCommand):
        check(Command("a page", text, complete=True))


def test_packages_of_a_student_are_those_that_ci_tries() -> None:
    line = "pip install --quiet --python .student/venv/bin/python "
    (tried,) = re.findall(re.escape(line) + "(.*)", (REPO / ".ci/run").read_text())
    (told,) = re.findall(r"\$ pip install (.*)", (REPO / "docs/students.md").read_text())
    assert told == f"{tried} pooch", "CI has the digits, and needs no pooch to download them"


def commands_and_options() -> Iterator[tuple[str, str | None]]:
    """Each command and each option, with its help."""
    for name, command in sorted(program.commands.items()):
        yield name, command.help
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                yield f"{name} {parameter.opts[0]}", parameter.help


@pytest.mark.parametrize(
    ("name", "text"), list(commands_and_options()), ids=lambda each: str(each)[:40]
)
def test_command_and_option_has_help(name: str, text: str | None) -> None:
    assert (text or "").strip().endswith("."), f"referee {name} has no help, or no full stop"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPO)))
def test_link_to_a_file_leads_somewhere(page: Path) -> None:
    """`make docs` checks the anchors too, but not the links of the README."""
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_on_the_site() -> None:
    index = (REPO / "docs/index.md").read_text()
    pages = [str(page.relative_to(REPO / "docs")) for page in PAGES if "docs" in page.parts]
    missing = [
        page
        for page in pages
        if page != "index.md"
        and not re.search(rf"^(.* <)?{re.escape(page[:-3])}>?$", index, re.MULTILINE)
    ]
    assert missing == []


def test_readme_is_one_screen() -> None:
    assert len((REPO / "README.md").read_text().splitlines()) <= 60
