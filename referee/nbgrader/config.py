"""The wiring of a course's nbgrader_config.py: nbgrader's own commands go Referee's way."""

from typing import Any

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


def configure(c: Any) -> None:
    """Let nbgrader's `autograde`, `generate_feedback`, `zip_collect` and formgrader use Referee.

    Call it in nbgrader_config.py with its configuration; what comes after it may add to these
    lists. `referee grade` needs none of it.
    """
    c.Autograde.sanitize_preprocessors = list(SANITIZE)
    c.Autograde.autograde_preprocessors = list(AUTOGRADE)
    c.Autograde.exporter_class = "referee.plugins.AutogradeExporter"
    c.GenerateFeedback.preprocessors = list(FEEDBACK)
    c.GenerateFeedback.exporter_class = "referee.plugins.FeedbackExporter"
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.preprocessors = list(FORMGRADER)
    c.HTMLExporter.filters = {"highlight_code": "referee.plugins.HighlightInTime"}
    if not {"extractor_plugin", "collector_plugin"} & c.ZipCollectApp.keys():  # a course's own stay
        c.ZipCollectApp.extractor_plugin = "referee.plugins.ExtractExports"
        c.ZipCollectApp.collector_plugin = "referee.plugins.CollectExports"
    c.FeedbackExporter.preprocessors = []  # feedback pages have a Content-Security-Policy
