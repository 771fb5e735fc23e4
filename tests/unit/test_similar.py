"""Similar code: what counts as the same, who is found, and who is not."""

import random
from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations

import pytest

from referee.similar.compare import Cell, Comparison, Pair, Solution, compare, groups_of
from referee.similar.fingerprints import LENGTH, MOST_WORDS, TextReader
from referee.similar.passages import overlap_of
from referee.similar.words import words_of
from tests.support.independent import copied, independent_class
from tests.support.solutions import BANK, read_solution

SEED = 7
SHORT = "def double(x):\n    return 2 * x"


def taken_for(source: str, given: set[str] | None = None) -> list[str]:
    return list(words_of(source, given or set(), 1000).alike)


def names(comparison: Comparison, pairs: Iterable[Pair]) -> set[frozenset[str]]:
    authors = [each.author for each in comparison.solutions]
    return {
        frozenset((authors[pair.left.solution], authors[pair.right.solution])) for pair in pairs
    }


def alike(solutions: list[Solution], released: Iterable[str] = ()) -> set[frozenset[str]]:
    """Who is alike as a whole."""
    comparison = compare(solutions, released)
    return names(comparison, (pair for pair in comparison.pairs if pair.whole))


def written_by(author: str, *sources: str) -> Solution:
    return Solution(author, tuple(Cell(f"cell {n}", each) for n, each in enumerate(sources)))


@pytest.fixture(scope="module")
def students() -> list[Solution]:
    """A class of forty who have worked on their own."""
    return independent_class(40, random.Random(SEED))


# ---- words ----


def test_names_strings_comments_and_layout_are_no_difference() -> None:
    mine = (
        'def area(width, height):  # of a room\n    """Its area."""\n    return {"a": width*height}'
    )
    other = "def f(a,b):\n\n    return {\n        'result': a  *  b }"
    assert taken_for(mine) == taken_for(other)


def test_names_of_python_and_of_libraries_are_a_difference() -> None:
    assert taken_for("len(np.exp(x))") != taken_for("sum(np.exp(x))")
    assert taken_for("len(np.exp(x))") != taken_for("len(np.log(x))")


def test_attributes_that_the_code_gives_itself_can_have_any_name() -> None:
    given = TextReader()
    one, other = (
        given.read([f"class A:\n    def {name}(self):\n        self.{name}_ = x.{name}(1, 2, 3)"])
        for name in ("forward", "go")
    )
    assert one[0].fingerprints.tolist() == other[0].fingerprints.tolist()


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\n!pip install x\nx = 1",
        "def f(:\n  x = = 1",
        'x = """never ends',
        "\0\0 x",
    ],
)
def test_what_is_no_python_has_words_too(source: str) -> None:
    assert taken_for(source)


@pytest.mark.parametrize(
    "text", ["'", '"""', "(", "'\\", '"""\\', "x", "9", ".", "#", "'''a", "def ", ".x ", "\n", "\\"]
)
def test_long_text_of_anything_is_read_as_far_as_the_limit(text: str) -> None:
    texts = TextReader().read([text * (2**18 // len(text)), "x = 1"])
    assert sum(len(each.words) for each in texts) <= MOST_WORDS


# ---- who is found ----


def test_who_worked_alone_is_not_alike(students: list[Solution]) -> None:
    unfinished = [replace(each, cells=each.cells[:3]) for each in students[30:]]
    assert alike(students) == set(), f"seed {SEED}"
    assert alike([*students[:30], *unfinished]) == set(), f"seed {SEED}"


def test_copies_are_found_though_renamed_reordered_and_without_comments(
    students: list[Solution],
) -> None:
    chance = random.Random(SEED)
    copies = [
        Solution(f"copies {each.author}", copied(each.cells, chance)) for each in students[:4]
    ]
    found = alike([*students, *copies])
    assert found == {frozenset((each.author, f"copies {each.author}")) for each in students[:4]}, (
        f"seed {SEED}"
    )


def test_copied_function_is_found_where_everything_else_is_ones_own(
    students: list[Solution],
) -> None:
    chance = random.Random(SEED)
    thief, victim = students[0], students[1]
    adam = max(victim.cells, key=lambda cell: len(cell.source))
    stolen = (*(cell for cell in thief.cells if cell.name != adam.name), *copied([adam], chance))
    comparison = compare([Solution(thief.author, stolen), *students[1:]])
    found = names(comparison, (pair for pair in comparison.pairs if not pair.whole))
    assert frozenset((thief.author, victim.author)) in found, f"seed {SEED}"


def test_styles_of_the_bank_are_not_alike() -> None:
    """Whole solutions of the assignment, which are all right."""
    styles = [
        written_by(path.stem, *read_solution(path).values())
        for path in sorted((BANK / "right").glob("*.py"))
        if "# %% from" not in path.read_text()
    ]
    assert len(styles) >= 6
    assert alike(styles) == set()


def test_released_code_is_no_evidence(students: list[Solution]) -> None:
    given = students[0].cells[5].source + students[0].cells[7].source
    mine = [
        Solution(each.author, (Cell("all", f"{given}\n{each.cells[1].source}"),))
        for each in students[1:3]
    ]
    assert alike(mine) != set()
    assert alike(mine, [given]) == set()


def test_short_answers_are_no_evidence() -> None:
    assert compare([written_by("ada", SHORT, SHORT), written_by("bob", SHORT, SHORT)]).pairs == ()


def test_what_half_of_the_class_has_is_no_evidence(students: list[Solution]) -> None:
    common = students[0].cells[4:]
    some = [Solution(each.author, (*each.cells[:4], *common)) for each in students[1:]]
    assert len(alike([*some[:2], *students[10:]])) == 1
    assert alike([*some[:12], *students[20:30]]) == set()


@pytest.mark.parametrize("disguised", [False, True])
def test_half_of_a_class_with_one_file_is_found(students: list[Solution], disguised: bool) -> None:
    chance, file = random.Random(SEED), students[0].cells
    same = [
        Solution(f"same {number}", copied(file, chance) if disguised else file)
        for number in range(10)
    ]
    found = alike([*same, *students[1:11]])
    assert found == {frozenset((one.author, other.author)) for one, other in combinations(same, 2)}


def test_half_of_a_class_with_released_code_is_not_found(students: list[Solution]) -> None:
    given = [cell.source for cell in students[0].cells]
    same = [Solution(f"same {number}", students[0].cells) for number in range(10)]
    assert alike([*same, *students[1:11]], given) == set()


def test_many_who_write_the_same_short_answers_are_not_found(students: list[Solution]) -> None:
    short = students[0].cells[:2]
    same = [Solution(f"same {number}", short) for number in range(10)]
    assert alike([*same, *students[1:11]]) == set()


def test_two_of_two_can_be_alike(students: list[Solution]) -> None:
    assert alike([students[0], Solution("copy", students[0].cells)]) != set()


def test_code_said_again_and_again_counts_once(students: list[Solution]) -> None:
    line = "total = total + weights[index] * values[index] ** 2 - shift / scale\n"
    loud, quiet = written_by("loud", line * 500), written_by("quiet", line)
    assert alike([loud, quiet, *students[:5]]) == set()


def test_known_solution_is_found_on_the_right_and_does_not_make_code_common(
    students: list[Solution],
) -> None:
    known = [Solution(f"known {n}", students[0].cells, known=True) for n in range(30)]
    comparison = compare([*known, *students[:10]])
    pairs = [pair for pair in comparison.pairs if pair.whole]
    left = {comparison.solutions[pair.left.solution].author for pair in pairs}
    right = {comparison.solutions[pair.right.solution].author for pair in pairs}
    assert left == {students[0].author}
    assert right == {each.author for each in known}


def test_groups_join_who_is_alike_by_way_of_others(students: list[Solution]) -> None:
    first, second = students[0], students[1]
    both = Solution("both", (*first.cells, *second.cells))
    comparison = compare([first, second, both, *students[2:8]])
    assert groups_of(comparison.pairs) == [(0, 1, 2)]


def test_solution_that_is_too_long_is_cut_and_costs_nobody_else(students: list[Solution]) -> None:
    chance = random.Random(SEED)
    flood = written_by("flood", " ".join(f"{chance.random()}" for _ in range(200_000)))
    copy = Solution("copy", copied(students[0].cells, chance))
    comparison = compare([flood, copy, *students])
    assert comparison.cut == {0}
    assert alike([flood, copy, *students]) == {frozenset(("copy", students[0].author))}


def test_who_has_written_nothing_is_named_and_counts_nowhere(students: list[Solution]) -> None:
    nobody = [written_by(f"nobody {number}") for number in range(100)]
    short = written_by("short", SHORT)
    comparison = compare([*nobody, short, students[0], Solution("copy", students[0].cells)])
    assert comparison.empty == set(range(101))
    assert len(comparison.pairs) == 1


# ---- where ----


def test_passages_are_the_same_words_on_both_sides(students: list[Solution]) -> None:
    copy = Solution("copy", copied(students[0].cells, random.Random(SEED)))
    comparison = compare([students[0], copy, *students[1:9]])
    (pair,) = (pair for pair in comparison.pairs if pair.whole)
    overlap = overlap_of(comparison, pair)
    for facing in overlap.facing:
        left = comparison.texts[pair.left.solution][facing.left_cell].words.alike
        right = comparison.texts[pair.right.solution][facing.right_cell].words.alike
        for passage in facing.passages:
            one, other = passage.left_word, passage.right_word
            assert passage.words >= LENGTH
            assert left[one : one + passage.words] == right[other : other + passage.words]
    assert 0.5 < overlap.left_share <= 1
    assert 0.5 < overlap.right_share <= 1


def test_comparison_is_the_same_each_time(students: list[Solution]) -> None:
    assert compare(students).pairs == compare(students).pairs
