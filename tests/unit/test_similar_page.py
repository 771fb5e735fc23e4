"""From what lies in submitted/ to the page about similar code, whatever has been handed in."""

import json
from pathlib import Path

import nbformat
import pytest

from referee.errors import RefereeError
from referee.nbgrader.course import Course
from referee.similar.compare import Comparison, compare
from referee.similar.page import MOST_SHOWN, marked, rendered_page, write_page
from referee.similar.sources import MASTER, MOST_CELLS, Found, read_code
from tests.support.classes import EVIL
from tests.support.pages import section, text_of
from tests.support.toy import BEGIN, CONFIG, END, NAME, ToyCourse, copy_of, given, make_toy
from tests.support.toy import solution as solution_cell
from tests.support.toy import test as cell_with_test
from tests.unit.test_page_safety import Tags

# Three ways to write one function, which have nothing in common.
LOOP = """def smooth(values, width):
    # the mean of the neighbours
    result, total = [], 0.0
    for index, value in enumerate(values):
        total += value
        if index >= width:
            total -= values[index - width]
        seen = min(index + 1, width)
        result.append(total / seen)
        if len(result) > 10 ** 6 and total != total:
            raise ValueError('too long: ' + str(len(result)))
    while len(result) < len(values):
        result.append(result[-1] * 0.5 + 1)
    return [round(each, 6) for each in result if each == each]
"""
RENAMED = LOOP.replace("# the mean of the neighbours", "'''Mine.'''")
for name in ("values", "width", "result", "total", "index", "seen"):
    RENAMED = RENAMED.replace(name, f"my_{name}")
ARRAY = """def smooth(values, width):
    v = np.concatenate([np.zeros(width - 1), np.asarray(values, dtype=float)])
    windows = np.lib.stride_tricks.sliding_window_view(v, width)
    counts = np.minimum(np.arange(1, len(values) + 1), width)
    return (windows.sum(axis=1) / counts).round(6).tolist()
"""
RECURSIVE = """def smooth(values, width):
    if not values:
        return []
    *first, _ = values
    last = values[-width:] if width < len(values) else values
    return smooth(first, width) + [round(sum(last) / len(last), 6)]
"""
GIVEN = """def provided(table, key, default=None):
    found = {}
    for row in sorted(table, key=lambda row: row[key] if key in row else ''):
        name = row.get(key, default)
        if isinstance(name, str) and not name.startswith('#'):
            found.setdefault(name.strip().lower(), []).append(dict(row, seen=True))
        elif name is not None:
            found[name] = found.get(name, []) + [row]
    longest = max(map(len, found.values()), default=0)
    assert longest <= len(table), f'{longest} of {len(table)}'
    return {name: rows[:longest] for name, rows in found.items() if any(rows)}, longest
"""
CANARY = "canary_of_a_hidden_test"
HIDDEN = f"{BEGIN}\nassert smooth([{CANARY}], 1) == 1, 'wrong'\n{END}"
HEAD, BODY = "def smooth(values, width):", "    return master(values)"
SOLVED = f"{HEAD}\n    ### BEGIN SOLUTION\n{BODY}\n    ### END SOLUTION"


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """A course with one question, that nobody has handed in to."""
    master = [
        given("provided", GIVEN),
        solution_cell("smooth", SOLVED),
        cell_with_test("smooth-test", f"# hidden\n{HIDDEN}", 4),
    ]
    return make_toy(tmp_path_factory.mktemp("course"), CONFIG, master)


@pytest.fixture
def mine(toy: ToyCourse, tmp_path: Path) -> ToyCourse:
    """The course with three who have worked on their own."""
    course = copy_of(toy, tmp_path)
    course.submit("ada", {"smooth": LOOP})
    course.submit("bob", {"smooth": ARRAY})
    course.submit("cyd", {"smooth": RECURSIVE})
    return course


def looked_at(toy: ToyCourse, *known: Path) -> tuple[Found, Comparison]:
    found = read_code(Course.open(toy.root), NAME, known)
    return found, compare(found.solutions, found.released)


def pairs(toy: ToyCourse, *known: Path) -> set[tuple[str, str]]:
    found, comparison = looked_at(toy, *known)
    authors = [each.author for each in found.solutions]
    return {
        (authors[pair.left.solution], authors[pair.right.solution]) for pair in comparison.pairs
    }


def page(toy: ToyCourse, *known: Path) -> str:
    return rendered_page(NAME, *looked_at(toy, *known))


def damaged(toy: ToyCourse, student: str, content: bytes) -> None:
    """Hand in a file that is no notebook."""
    toy.submit(student, {}).write_bytes(content)


# ---- what is compared ----


def test_renamed_copy_is_found_and_shown_side_by_side(mine: ToyCourse) -> None:
    mine.submit("dan", {"smooth": RENAMED})
    assert pairs(mine) == {("ada", "dan")}
    text = text_of(page(mine))
    assert "total -= values[index - width]" in text
    assert "my_total -= my_values[my_index - my_width]" in text


def test_who_worked_alone_is_not_on_the_page(mine: ToyCourse) -> None:
    text = page(mine)
    assert "None." in section(text, "Alike as a whole")
    assert "smooth(values" not in text


def test_code_in_an_own_cell_counts(mine: ToyCourse) -> None:
    mine.submit("dan", {"smooth": "smooth = helper"}, own={"provided": RENAMED})
    assert pairs(mine) == {("ada", "dan")}
    assert "own cell after provided" in page(mine)


def test_code_in_a_file_of_python_counts(mine: ToyCourse) -> None:
    path = mine.submit("dan", {"smooth": "from helper import smooth"})
    path.with_name("helper.py").write_text(RENAMED)
    assert pairs(mine) == {("ada", "dan")}


def test_released_code_does_not_count_wherever_it_is(mine: ToyCourse) -> None:
    (mine.root / "release" / NAME / "given.py").write_text(LOOP)
    for student in ("dan", "eve"):
        path = mine.submit(student, {"smooth": GIVEN, "provided": f"{GIVEN}\n# {student}"})
        path.with_name("given.py").write_text(f"{LOOP}\n# {student}")
    assert pairs(mine) == set()


def test_master_is_a_known_solution_and_its_tests_are_none(toy: ToyCourse, tmp_path: Path) -> None:
    course = copy_of(toy, tmp_path)
    body = "\n".join(LOOP.split("\n")[1:])
    course.write_master(
        [
            given("provided", GIVEN),
            solution_cell("smooth", SOLVED.replace(BODY, body)),
            cell_with_test("smooth-test", f"# hidden\n{HIDDEN}", 4),
        ]
    )
    course.submit("dan", {"smooth": RENAMED})
    assert pairs(course) == {("dan", MASTER)}
    assert CANARY not in page(course)


@pytest.mark.parametrize("name", ["last year/ada.ipynb", "last year/ada.py"])
def test_folder_of_known_solutions_is_compared(
    mine: ToyCourse, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    folder = tmp_path_factory.mktemp("known")
    path = folder / name
    path.parent.mkdir()
    if path.suffix == ".py":
        path.write_text(RENAMED)
    else:
        cells = [nbformat.v4.new_code_cell(RENAMED)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    assert pairs(mine, folder) == {("ada", name)}
    assert pairs(mine, path) == {("ada", path.name)}


def test_folder_without_code_is_an_error(mine: ToyCourse, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(RefereeError, match=r"no notebook \(.ipynb\) and no file of Python"):
        pairs(mine, tmp_path / "empty")


# ---- hostile submissions ----


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"[" * 10**5, "nested too deeply"),
        (b"\0" * 1000, "is empty"),
        (b"hello", "something else"),
        (b'{"cells": [', "damaged"),
        (b'{"cells": [' + b"[]," * 300_000 + b"[]]}", "brackets"),
    ],
    ids=["nested", "null bytes", "text", "damaged", "many parts"],
)
def test_file_that_is_no_notebook_costs_its_own_row(
    mine: ToyCourse, content: bytes, why: str
) -> None:
    damaged(mine, "bad", content)
    mine.submit("dan", {"smooth": RENAMED})
    assert pairs(mine) == {("ada", "dan")}
    assert why in section(page(mine), "Not compared")


def test_megabytes_of_code_and_thousands_of_cells_are_cut_and_named(mine: ToyCourse) -> None:
    mine.submit("flood", {"smooth": "x = [" + "(1, 2), " * 10**6})
    path = mine.submit("cells", {})
    notebook = json.loads(path.read_text())
    own = nbformat.v4.new_code_cell("x = 1")
    notebook["cells"] += [dict(own, id=f"own-{n}") for n in range(3 * MOST_CELLS)]
    path.write_text(json.dumps(notebook))
    mine.submit("dan", {"smooth": RENAMED})
    found, comparison = looked_at(mine)
    assert {found.solutions[number].author for number in comparison.cut} == {"cells", "flood"}
    assert pairs(mine) == {("ada", "dan")}


# ---- the page ----


def test_nothing_that_a_student_wrote_is_markup(mine: ToyCourse) -> None:
    evil = f"{RENAMED}\nx = '</code></pre>{EVIL}'  # \u202e\n"
    mine.submit(f"dan {EVIL}".replace("/", ""), {"smooth": LOOP}, own={"smooth": evil})
    mine.submit("eve", {"smooth": LOOP}, own={"smooth": evil})
    text = page(mine)
    assert "script" not in {tag for tag, _ in Tags(text).found}
    assert "\u202e" not in text
    assert "alert(1)" in text_of(text)


def test_hint_is_said_to_be_no_proof(mine: ToyCourse) -> None:
    assert "A hint, and no proof." in text_of(page(mine))


def test_page_is_not_written_where_students_could_get_it(mine: ToyCourse) -> None:
    course = Course.open(mine.root)
    found, comparison = looked_at(mine)
    for folder in ("release", "source", "feedback", "submitted"):
        (mine.root / folder).mkdir(exist_ok=True)
        with pytest.raises(RefereeError, match="use another folder"):
            write_page(course, NAME, found, comparison, mine.root / folder / "page.html")


def test_command_writes_the_page_and_says_that_it_is_a_hint(mine: ToyCourse) -> None:
    mine.submit("dan", {"smooth": RENAMED})
    said = mine.run("referee", "similar", NAME)
    assert "Pairs that are alike: 1" in said
    assert "no proof" in " ".join(said.split())
    assert "dan" in (mine.root / "report" / f"{NAME}-similar.html").read_text()


def test_marks_that_overlap_or_are_far_away_are_cut() -> None:
    code = "\n".join(f"line {number}" for number in range(2000))
    start = code.index("line 100\n")
    shown = marked(code, [(1, start, start + 8), (2, start + 4, start + 17)])
    assert "<mark><b>1</b>line 100</mark><mark><b>2</b>\nline 101</mark>" in shown
    assert shown.startswith("…\nline 96\n")
    assert shown.endswith("line 105\nline 106\n…")
    assert len(marked(code, [(1, 0, len(code))])) < MOST_SHOWN + 100
