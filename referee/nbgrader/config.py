"""The wiring of a course's nbgrader_config.py: nbgrader's own commands go Referee's way."""

from typing import Any

from traitlets.config.loader import LazyConfigValue

# nbgrader's steps, with Referee's in place of those about cells: all text and metadata of the
# assignment's cells come from the gradebook.
SANITIZE = [
    "referee.plugins.RestoreCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.OverwriteKernelspec",
]
# nbgrader's steps, with Referee's Execute in place of nbgrader's.
AUTOGRADE = [
    "referee.plugins.Execute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "referee.plugins.SayMarks",
]
# Feedback without the hidden tests, and no other files; and pages in which students' scripts do not
# run.
FEEDBACK = [
    "referee.plugins.HideTests",
    "referee.plugins.PagesOnly",
    "nbgrader.preprocessors.GetGrades",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
# For formgrader's page of a submission.
FORMGRADER = ["referee.plugins.CleanTexts", "referee.plugins.SayWhoMarked"]


# The step of nbgrader's that one of ours is in the place of.
IN_PLACE_OF = {"OverwriteCells": "RestoreCells", "Execute": "Execute"}
PACKAGES = ("nbgrader.", "nbconvert.", "referee.")  # whose steps are no course's own


def configure(c: Any) -> None:
    """Let nbgrader's `autograde`, `generate_feedback`, `zip_collect` and formgrader use Referee.

    Call it in nbgrader_config.py with its configuration. Steps of the course's own stay, whether
    they are added before or after it. `referee grade` needs none of it.
    """
    _set_steps(c.Autograde, "sanitize_preprocessors", SANITIZE)
    _set_steps(c.Autograde, "autograde_preprocessors", AUTOGRADE)
    c.Autograde.exporter_class = "referee.plugins.AutogradeExporter"
    _set_steps(c.GenerateFeedback, "preprocessors", FEEDBACK)
    c.GenerateFeedback.setdefault("exporter_class", "referee.plugins.FeedbackExporter")
    c.HTMLExporter.sanitize_html = True
    _set_steps(c.HTMLExporter, "preprocessors", FORMGRADER)
    filters = _given(c.HTMLExporter, "filters", {})
    c.HTMLExporter.filters = {**filters, "highlight_code": "referee.plugins.HighlightInTime"}
    if not {"extractor_plugin", "collector_plugin"} & c.ZipCollectApp.keys():  # a course's own stay
        c.ZipCollectApp.extractor_plugin = "referee.plugins.ExtractExports"
        c.ZipCollectApp.collector_plugin = "referee.plugins.CollectExports"
    c.FeedbackExporter.preprocessors = []  # feedback pages have a Content-Security-Policy


def _given(section: Any, option: str, default: Any) -> Any:
    """What a course has given an option, if it adds to a value, what it makes of the default."""
    given = section.get(option, default)
    return given.get_value(default) if isinstance(given, LazyConfigValue) else given


def _set_steps(section: Any, option: str, ours: list[str]) -> None:
    """Set a list of steps to ours, with those of the course's own where they stood."""
    steps, place = list(ours), 0
    for step in _given(section, option, list(ours)):
        path = _path_of(step)
        if path.startswith(PACKAGES):
            name = path.rpartition(".")[2]
            names = [_path_of(each).rpartition(".")[2] for each in steps]
            known = IN_PLACE_OF.get(name, name)
            place = max(place, names.index(known) + 1 if known in names else 0)
        else:
            steps.insert(place, step)
            place += 1
    section[option] = steps


def _path_of(step: str | type) -> str:
    return step if isinstance(step, str) else f"{step.__module__}.{step.__qualname__}"
