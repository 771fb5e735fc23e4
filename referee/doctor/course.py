"""What a course needs to be graded: a configuration that uses Referee, and the digits."""

import os
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from traitlets.config import Config

from referee.course import CONFIG_NAME, Course
from referee.doctor.finding import OK, PROBLEM, WARNING, Finding, one_line
from referee.errors import RefereeError

STEPS = {
    ("Autograde", "sanitize_preprocessors"): "referee.sanitise.RestoreCells",
    ("Autograde", "autograde_preprocessors"): "referee.run.Execute",
    ("GenerateFeedback", "preprocessors"): "referee.feedback.HideTests",
}
WITHOUT_SANDBOX = {"nbgrader.preprocessors.Execute", "nbgrader.preprocessors.execute.Execute"}


def course_root(folder: Path) -> Path | None:
    """The folder of the course that `folder` lies in, None if it lies in none."""
    folders = (folder, *folder.parents)
    return next((root for root in folders if (root / CONFIG_NAME).is_file()), None)


def open_course(root: Path | None) -> tuple[Course | None, Finding]:
    """The course, or None and a finding that says why it cannot be opened."""
    if root is None:
        found = f"there is no {CONFIG_NAME} here or above: only the machine is checked"
        return None, Finding("course", WARNING, found, "Run this again in your course's folder.")
    try:
        return Course.open(root), Finding("course", OK, str(root))
    except (RefereeError, OSError) as error:
        remedy = f"Correct {root / CONFIG_NAME}; compare it with the one that came with Referee."
        return None, Finding("course", PROBLEM, one_line(error), remedy)


def check_wiring(config: Config) -> Finding:
    """Whether nbgrader runs submissions through Referee's steps, and through none of its own."""
    wrong = []
    for (section, option), step in STEPS.items():
        names = {_name(configured) for configured in config[section].get(option, [])}
        if step not in names:
            wrong.append(f"c.{section}.{option} is without {step!r}")
        for other in WITHOUT_SANDBOX & names:
            wrong.append(f"c.{section}.{option} has {other!r}, which uses no sandbox")
    if wrong:
        remedy = f"Copy these lists into your {CONFIG_NAME} from the one that came with Referee."
        return Finding("nbgrader", PROBLEM, "; ".join(wrong), remedy)
    return Finding("nbgrader", OK, f"{CONFIG_NAME} runs submissions through Referee")


def _name(step: Any) -> str:
    return step if isinstance(step, str) else f"{step.__module__}.{step.__qualname__}"


def check_digits(root: Path) -> Finding:
    """Whether the digits are in the course or in the cache, and are the original ones."""
    digits = SimpleNamespace(**runpy.run_path(str(root / "digits.py")))
    cache = digits.cache_folder()
    build = f"Run `cd {root} && {sys.executable} -c 'from digits import get_mnist; get_mnist()'`."

    def problem(found: object, remedy: str) -> Finding:
        return Finding("digits", PROBLEM, one_line(found), remedy)

    originals = {}
    try:
        for file in digits.FILES:
            if path := digits.find(file, cache.parent / "downloads"):
                content = digits.unpack(path.read_bytes(), file, str(path), "")
                originals[file] = digits.decode(content, file)
    except (digits.DamagedData, digits.MissingData, OSError) as error:
        remedy = "Restore the file from the course's repository; check DIGITS_DATA if it is set."
        return problem(error, remedy)
    arrays = digits.open_cache(cache)
    if arrays is None and cache.is_dir():
        return problem(f"the cache {cache} is damaged", f"Delete that folder. {build}")
    if arrays is None and not _can_be_made(cache):
        remedy = "Set DIGITS_CACHE to a folder that you can write to, or HOME to your own."
        return problem(f"the cache {cache} cannot be written", remedy)
    if arrays is None:
        return problem(f"there is no cache in {cache}", build)
    for file, array in zip(digits.FILES, arrays, strict=True):
        if file in originals and (originals[file] != array).any():
            found = f"{cache / file.array}.npy is not what {file.name} decodes to"
            return problem(found, f"Delete the folder {cache}. {build}")
    if len(originals) < len(digits.FILES):
        return Finding("digits", OK, f"the cache {cache} is there; the original files are not")
    return Finding("digits", OK, f"the original files, and the same digits in {cache}")


def _can_be_made(folder: Path) -> bool:
    there = next(parent for parent in folder.parents if parent.exists())
    return there.is_dir() and os.access(there, os.W_OK)
