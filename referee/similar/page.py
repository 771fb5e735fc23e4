"""The page about code that is alike: pairs, groups, and their cells side by side."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Self

from jinja2 import Environment
from markupsafe import Markup, escape

from referee.feedback.look import page_environment
from referee.nbgrader.course import Course
from referee.record.disk import replace_file
from referee.report.places import place_of_page
from referee.similar.compare import Comparison, Pair, groups_of
from referee.similar.passages import Facing, Overlap, overlap_of
from referee.similar.sources import Found
from referee.text import printable_line

FOLDER = Path(__file__).parent / "template"
MOST_PAIRS = 100  # that are listed, and shown side by side
MOST_FACING = 4  # cells of a pair that are shown
LEAST_WORDS = 30  # that cells have in common which are shown, unless no others have more
MOST_NAMED = 3  # cells that the table names
AROUND = 4  # lines that are shown before the first common passage of a cell and after the last
MOST_SHOWN = 6_000  # characters of a cell


@dataclass(frozen=True)
class FacingView:
    """Two cells side by side: their names, and their code with marks."""

    left: str
    right: str
    left_code: Markup
    right_code: Markup
    words: int


@dataclass(frozen=True)
class PairView:
    """Two solutions: who, how much, and where."""

    left: str
    right: str
    overlap: Overlap
    cells: tuple[str, ...]
    facing: tuple[FacingView, ...]


@dataclass(frozen=True)
class _Listed:
    """The first of some pairs, and how many more there are."""

    pairs: tuple[PairView, ...]
    more: int

    @classmethod
    def of(cls, comparison: Comparison, pairs: list[Pair]) -> Self:
        shown = tuple(_view(comparison, pair) for pair in pairs[:MOST_PAIRS])
        return cls(shown, len(pairs) - len(shown))

    @property
    def many(self) -> int:
        return len(self.pairs) + self.more


def write_page(
    course: Course, assignment: str, found: Found, comparison: Comparison, path: Path | None = None
) -> Path:
    """Write the page, to report/ASSIGNMENT-similar.html of the course unless said otherwise.

    Raises:
        RefereeError: students could get what is written there, or there is no such folder.

    """
    name = f"{assignment}-similar"
    path = place_of_page(course, path, name, "the code and the names of students")
    page = rendered_page(assignment, found, comparison)
    replace_file(path, page.encode(errors="replace"), path.with_suffix(".unfinished"))
    return path


def rendered_page(assignment: str, found: Found, comparison: Comparison) -> str:
    """The page."""
    solutions = comparison.solutions
    with_known = [pair for pair in comparison.pairs if solutions[pair.right.solution].known]
    in_class = [pair for pair in comparison.pairs if not solutions[pair.right.solution].known]
    whole = [pair for pair in in_class if pair.whole]
    parts = [pair for pair in in_class if not pair.whole]
    authors = [each.author for each in solutions]

    def name(author: str) -> Markup:
        """A full name and ID; neither can turn the direction of what follows."""
        shown = found.names.get(author, "")
        text = f"{shown} ({author})" if shown else author
        return Markup(f"<bdi>{escape(printable_line(text))}</bdi>")

    page: str = (
        _environment()
        .get_template("similar.html")
        .render(
            assignment=assignment,
            label=f"{assignment}: similar code, for teachers",
            made_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}",
            name=name,
            compared=sum(not each.known for each in solutions) - len(comparison.empty),
            known=[each.author for each in solutions if each.known],
            groups=[[authors[number] for number in group] for group in groups_of(whole)],
            whole=_Listed.of(comparison, whole),
            parts=_Listed.of(comparison, parts),
            like_known=_Listed.of(comparison, with_known),
            left_out=found.left_out,
            cut=[authors[number] for number in sorted(comparison.cut)],
            empty=[authors[number] for number in sorted(comparison.empty)],
        )
    )
    return page


@cache
def _environment() -> Environment:
    return page_environment(
        FOLDER, "similar.css", line=printable_line, share=lambda share: f"{share:.0%}"
    )


def _view(comparison: Comparison, pair: Pair) -> PairView:
    left = comparison.solutions[pair.left.solution]
    right = comparison.solutions[pair.right.solution]
    overlap = overlap_of(comparison, pair)
    worth = [facing for facing in overlap.facing if facing.words >= LEAST_WORDS]
    shown = (worth or list(overlap.facing))[:MOST_FACING]
    named = dict.fromkeys(left.cells[facing.left_cell].name for facing in shown)
    return PairView(
        left.author,
        right.author,
        overlap,
        tuple(named)[:MOST_NAMED],
        tuple(_facing_view(comparison, pair, facing) for facing in shown),
    )


def _facing_view(comparison: Comparison, pair: Pair, facing: Facing) -> FacingView:
    left = [(passage.left_word, passage.words) for passage in facing.passages]
    right = [(passage.right_word, passage.words) for passage in facing.passages]
    cells = (
        comparison.solutions[pair.left.solution].cells[facing.left_cell],
        comparison.solutions[pair.right.solution].cells[facing.right_cell],
    )
    return FacingView(
        cells[0].name,
        cells[1].name,
        _with_passages(comparison, pair.left.solution, facing.left_cell, left),
        _with_passages(comparison, pair.right.solution, facing.right_cell, right),
        facing.words,
    )


def _with_passages(
    comparison: Comparison, solution: int, cell: int, passages: list[tuple[int, int]]
) -> Markup:
    """The code of a cell with its passages marked: the first word of each, and how many."""
    spans = comparison.texts[solution][cell].words.spans
    marks = [
        (number, spans[word][0], spans[word + words - 1][1])
        for number, (word, words) in enumerate(passages, 1)
    ]
    return marked(comparison.solutions[solution].cells[cell].source, marks)


def marked(source: str, marks: Iterable[tuple[int, int, int]]) -> Markup:
    """Code around some passages of it, which are marked with their numbers: number, start, end.

    What is far from them, and what is more than MOST_SHOWN characters, is left out.
    """
    marks = sorted(marks, key=lambda mark: mark[1:])
    first = _line_start(source, marks[0][1], AROUND)
    last = _line_end(source, max(end for *_, end in marks), AROUND)
    stop = min(last, first + MOST_SHOWN)
    parts = ["…\n"] if first > 0 else []
    parts += _parts(source, marks, first, stop)
    parts += ["\n…"] if stop < len(source) else []
    return Markup("".join(parts))


def _parts(
    source: str, marks: list[tuple[int, int, int]], position: int, stop: int
) -> Iterator[str]:
    for number, start, end in marks:
        start, end = max(start, position), min(end, stop)
        if start < end:
            yield _plain(source[position:start])
            yield f"<mark><b>{number}</b>{_plain(source[start:end])}</mark>"
            position = end
    yield _plain(source[position:stop])


def _plain(code: str) -> str:
    """Code as HTML, without characters that would move what stands around it."""
    lines = "\n".join("\t".join(map(printable_line, line.split("\t"))) for line in code.split("\n"))
    return str(escape(lines))


def _line_start(source: str, position: int, before: int) -> int:
    for _ in range(before + 1):
        position = source.rfind("\n", 0, max(0, position))
    return position + 1


def _line_end(source: str, position: int, behind: int) -> int:
    for _ in range(behind + 1):
        position = source.find("\n", position + 1)
        if position < 0:
            return len(source)
    return position
