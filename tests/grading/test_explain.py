"""Why points were lost, for a teacher: kept with the result, never in what students get."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner
from nbclient import NotebookClient
from rich.console import Console

from referee.cli import referee
from referee.errors import RefereeError
from referee.grade.explanations import MOST_OF_A_NOTEBOOK
from referee.model.explanation import METADATA
from referee.nbgrader.course import Course
from referee.report.explain import SCREEN, print_question
from referee.report.reasons import StudentReasons, read_reasons
from referee.report.replay import _needed, _quoted, write_replay
from tests.support.toy import (
    BEGIN,
    CONFIG,
    END,
    NAME,
    NOTEBOOK,
    WITH_REFEREE,
    ToyCourse,
    given,
    make_toy,
    solution,
    test,
)

pytestmark = pytest.mark.xdist_group("explain")

LIMITS = "c.Limits.call_cpu, c.Limits.call_wall, c.Limits.test_wall = 1, 60, 90\n"
SECRETS = ("CANARY", "1774177417", "771.25", "15.425")
HIDDEN = f"""# Hidden tests of stretch run here.
{BEGIN}
def test_stretch_CANARY():
    assert stretch(771.25, 0.02) == 15.425, "stretch: of a number"
    np.random.seed(1774177417)
    A = np.random.rand(2, 3)
    A_given = A.copy()
    out = stretch(A_given, 3.0)
    npt.assert_allclose(out, 3.0 * A, err_msg="stretch: of a random array")
    npt.assert_array_equal(A_given, A, err_msg="stretch changed its input")
    np.random.seed(1774177417)
    shaken = shake(A_given)
    np.random.seed(1774177417)
    assert np.allclose(shaken, A + np.random.rand(2, 3)), "shake: the noise"


test_stretch_CANARY()
{END}"""
RIGHT = {
    "stretch": "def stretch(A, factor):\n    return factor * A",
    "shake": "def shake(A):\n    return A + np.random.rand(*A.shape)",
}
# What `stretch` or, for one of them, `shake` does.
BODIES = {
    "right": "return factor * A",
    "values": "return A * factor * (1 + (np.ndim(A) > 0))",
    "shape": "return np.ravel(A * factor) if np.ndim(A) else A * factor",
    "number": "return A",
    "raising": "raise ValueError(f'\x1b[31mred {A}')",
    "hanging": "while True: pass",
    "crashing": "import os; os._exit(3)",
    "changing": "print('I was here')\n    A *= factor\n    return A",
}
ANSWERS = {
    student: {"stretch": f"def stretch(A, factor):\n    {body}"} for student, body in BODIES.items()
}
ANSWERS["random"] = {"shake": "def shake(A):\n    return A - np.random.rand(*A.shape)"}
ANSWERS["nothing"] = {"stretch": "stretched = 3"}
SOLUTIONS = {
    name: source.replace("\n", "\n    ### BEGIN SOLUTION\n") + "\n    ### END SOLUTION"
    for name, source in RIGHT.items()
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """A course in which all of these were graded."""
    master = [
        given("imports", "import numpy as np\nimport numpy.testing as npt"),
        *(solution(name, source) for name, source in SOLUTIONS.items()),
        test("stretch-visible", "assert stretch is not None, 'no function'", 1),
        test("stretch-hidden", HIDDEN, 4),
    ]
    course = make_toy(tmp_path_factory.mktemp("explain"), CONFIG + LIMITS + WITH_REFEREE, master)
    for student, answers in ANSWERS.items():
        forge(course.submit(student, RIGHT | answers))
    course.grade()
    return course


def forge(path: Path) -> None:
    """Put an explanation of the student's own into a submission."""
    nb = nbformat.read(path, as_version=4)
    for part in (nb, *nb.cells):
        part.metadata[METADATA] = {"version": 1, "versions": {"x": "FORGED"}, "notes": ["FORGED"]}
    nbformat.write(nb, path)


def reasons(course: ToyCourse, student: str) -> StudentReasons:
    return read_reasons(Course.open(course.root), NAME, student)


def screen(course: ToyCourse, student: str, *, whole: bool = False, width: int = 100) -> str:
    """What is printed of a student's question."""
    out, found = StringIO(), reasons(course, student)
    console = Console(file=out, width=width)
    print_question(console, found, found.question("stretch"), whole=whole)
    return out.getvalue()


EXPECTED = {
    "values": (
        "stretch: of a random array",
        "npt.assert_allclose(out, 3.0 * A",
        "got          out = float64 (2, 3) [[",
        "expected     3.0 * A = float64 (2, 3) [[",
        "6 of 6 values differ",
        "got is 2 times what was expected, everywhere",
        "call         line 8: stretch(float64 (2, 3)",
        "return A * factor * (1 + (np.ndim(A) > 0))",
    ),
    "shape": ("the shapes differ: got (6,), expected (2, 3)", "in another shape"),
    "number": (
        "stretch: of a number",
        "got          stretch(771.25, 0.02) = 771.25",
        "expected     15.425",
        "returned     771.25",
    ),
    "raising": (
        "Your code raised ValueError",
        "raised       ValueError: \N{REPLACEMENT CHARACTER}[31mred 771.25",
        "line 2, in stretch",
    ),
    "hanging": ("takes too long: it used more CPU time than a test may", "while True:"),
    "crashing": ("no answer", "the code ended its own process (exit code 3)"),
    "changing": (
        "stretch changed its input",
        "printed      I was here",
        "changed      argument 1 is now float64 (2, 3)",
    ),
    "random": (
        "shake: the noise",
        "random       used NumPy's generator after np.random.seed(1774177417)",
    ),
    "nothing": ("student      Your notebook does not define stretch", "assert stretch(771.25"),
}


@pytest.mark.parametrize("student", EXPECTED)
def test_reason_is_on_the_first_screen(course: ToyCourse, student: str) -> None:
    text = screen(course, student)
    assert len(text.splitlines()) <= SCREEN
    words = " ".join(text.split())
    missing = [part for part in EXPECTED[student] if " ".join(part.split()) not in words]
    assert missing == []


@pytest.mark.parametrize("student", ANSWERS)
def test_no_escape_reaches_the_terminal(course: ToyCourse, student: str) -> None:
    for whole in (False, True):
        text = screen(course, student, whole=whole)
        assert all(char.isprintable() or char == "\n" for char in text)


def test_all_calls_are_there_on_request(course: ToyCourse) -> None:
    text = screen(course, "values", whole=True)
    assert "All calls of the test: 2" in text
    assert "1.           stretch(771.25, 0.02) returned 15.425 [line 4]" in text


def test_student_with_all_points_has_no_reasons(course: ToyCourse) -> None:
    assert "No test of this question has failed." in screen(course, "right")


def test_command_prints_text_and_json(course: ToyCourse) -> None:
    text = course.run("referee", "explain", NAME, "number", "Q1")
    assert "expected     15.425" in text
    overview = course.run("referee", "explain", NAME, "number")
    assert "1 of 5" in overview.splitlines()[-1]
    assert "stretch: of a number" in overview.splitlines()[-1]
    found = json.loads(course.run("referee", "explain", NAME, "number", "--json"))
    (question,) = found["questions"]
    assert question["reasons"][0]["explanation"]["calls"][0]["returned"] == "771.25"


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("nobody", "Q1"), ("'nobody'", "There are: ", "right")),
        (("value", "Q1"), ("'value'", "values")),
        (("values", "Q9"), ("'Q9'", "Q1 stretch")),
        (("values", "--replay", "x.ipynb"), ("needs a QUESTION",)),
        (("values", "Q1", "--replay", "x.py"), ("x.py", ".ipynb")),
        (("right", "Q1", "--replay", "x.ipynb"), ("nothing to replay",)),
        (("values", "Q1", "--replay", "feedback/x.ipynb"), ("feedback", "another folder")),
        (("values", "Q1", "--replay", f"autograded/values/{NAME}/x.ipynb"), ("another folder",)),
        (("values", "Q1", "--replay", "none/x.ipynb"), ("no folder",)),
    ],
)
def test_error_names_what_is_wrong(
    course: ToyCourse,
    arguments: tuple[str, ...],
    parts: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(course.root)
    result = CliRunner().invoke(referee, ["explain", NAME, *arguments])
    assert isinstance(result.exception, RefereeError)
    message = str(result.exception)
    assert [part for part in parts if part not in message] == []


# ---- what students get ----


def everything_below(folder: Path) -> str:
    """The contents of all files of a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return "\n".join(path.read_text(errors="replace") for path in files)


def test_nothing_of_it_is_in_what_students_get(course: ToyCourse) -> None:
    kept = everything_below(course.root / "autograded")
    assert [secret for secret in SECRETS if secret not in kept] == [], "teachers have it"
    feedback = everything_below(course.root / "feedback")
    assert [secret for secret in SECRETS if secret in feedback] == []
    course.run("nbgrader", "generate_feedback", NAME, "--force")
    feedback = everything_below(course.root / "feedback")
    assert "stretch: of a random array" in feedback
    assert [secret for secret in (*SECRETS, "led_to_it") if secret in feedback] == []
    release = everything_below(course.root / "release")
    assert [secret for secret in SECRETS if secret in release] == []


def metadata(course: ToyCourse, student: str) -> list[Any]:
    """What is kept of explanations in an executed notebook."""
    nb = nbformat.read(course.root / "autograded" / student / NOTEBOOK, as_version=4)
    parts = (nb, *nb.cells)
    return [part.metadata[METADATA] for part in parts if METADATA in part.metadata]


@pytest.mark.parametrize("student", ANSWERS)
def test_explanations_are_ours_and_small(course: ToyCourse, student: str) -> None:
    kept = json.dumps(metadata(course, student))
    assert "FORGED" not in kept
    assert len(kept) < 8000 < MOST_OF_A_NOTEBOOK


def test_nbgraders_own_command_keeps_them_too(course: ToyCourse) -> None:
    expected = screen(course, "values").splitlines()
    course.run("nbgrader", "autograde", NAME, "--student", "values", "--force")
    assert "FORGED" not in json.dumps(metadata(course, "values"))
    again = screen(course, "values").splitlines()
    assert again[3:] == expected[3:]


# ---- replaying ----


def replayed(course: ToyCourse, student: str, path: Path) -> nbformat.NotebookNode:
    """The notebook that repeats a failure, executed."""
    found = reasons(course, student)
    write_replay(Course.open(course.root), found, found.question("stretch"), path)
    nb = nbformat.read(path, as_version=4)
    nbformat.validate(nb)
    NotebookClient(nb, timeout=60).execute()
    return nb


def test_replay_repeats_the_call_and_the_test(course: ToyCourse, tmp_path: Path) -> None:
    nb = replayed(course, "random", tmp_path / "replay.ipynb")
    assert "For teachers only" in nb.cells[0].source
    assert "without a sandbox" in nb.cells[0].source
    *_, call, _, again = nb.cells
    assert call.source.startswith("np.random.seed(1774177417)\nshake(np.array([")
    (recorded,) = [
        reason.explanation.call.returned
        for reason in reasons(course, "random").question("stretch").reasons
        if reason.explanation is not None and reason.explanation.call is not None
    ]
    value = call.outputs[0].data["text/plain"]
    first = float(value.partition("[[")[2].split(",")[0])
    assert f"{first:.6f}".rstrip("0") in recorded or f"{first:.6g}" in recorded
    assert again.outputs[0].ename == "AssertionError"
    assert again.outputs[0].evalue == "shake: the noise"


def test_replay_is_written_beside_what_a_program_reads(course: ToyCourse, tmp_path: Path) -> None:
    path = tmp_path / "replay.ipynb"
    said = course.run("referee", "explain", NAME, "random", "Q1", "--json", "--replay", str(path))
    assert json.loads(said)["student"] == "random"
    assert path.is_file()


def test_what_a_student_says_is_no_markdown_of_a_replay(course: ToyCourse, tmp_path: Path) -> None:
    found = reasons(course, "raising")
    path = tmp_path / "replay.ipynb"
    write_replay(Course.open(course.root), found, found.question("Q1"), path)
    cells = nbformat.read(path, as_version=4).cells
    (said,) = [cell for cell in cells if "When it was graded" in cell.source]
    *_, before, quoted = said.source.split("\n")
    assert before == ""
    assert quoted.startswith("    ValueError: ")
    assert quoted.endswith("red 771.25")
    assert _quoted("`\n\r# a\n") == "    `\n    \r    # a\n"


def test_tests_that_are_no_plain_python_need_no_other_cell() -> None:
    magic, other = (nbformat.v4.new_code_cell(source) for source in ("%time x", "x = 3"))
    assert _needed(magic, [other]) == []
    assert _needed(nbformat.v4.new_code_cell("assert x"), [magic, other]) == [other]


def test_replay_is_not_written_over_a_file(course: ToyCourse, tmp_path: Path) -> None:
    path = tmp_path / "replay.ipynb"
    path.write_text("mine")
    found = reasons(course, "values")
    with pytest.raises(RefereeError, match="exists"):
        write_replay(Course.open(course.root), found, found.question("Q1"), path)
    assert path.read_text() == "mine"


# ---- objects of the student's ----

OBJECTS = {
    "Account": (
        "class Account:\n    def take(self, amount):\n        return -amount",
        "assert Account().take(2) == 2, 'account: what is taken'",
    ),
    "logs": (
        "import logging\ndef log(name):\n    return logging.getLogger(name)",
        "assert log('marks').isEnabledFor(10) == True, 'log: of details'",
    ),
    "counters": (
        "def counter():\n    def count(step):\n        return -step\n    return count",
        "count = counter()\nassert count(2) == 2, 'counter: a step'",
    ),
}


@pytest.fixture(scope="module")
def with_objects(tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """A course whose tests call methods of objects and functions without a name."""
    master = []
    for name, (source, asked) in OBJECTS.items():
        master.append(solution(name, f"### BEGIN SOLUTION\n{source}\n### END SOLUTION"))
        master.append(test(f"{name}-hidden", f"{BEGIN}\n{asked}\n{END}", 2))
    course = make_toy(tmp_path_factory.mktemp("objects"), CONFIG + WITH_REFEREE, master)
    course.submit("ada", {name: source for name, (source, _) in OBJECTS.items()})
    course.grade()
    return course


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("Account", "line 2: Account.take(2)"),
        ("logs", "line 2: Logger.isEnabledFor(10)"),
        ("counters", "line 3: <function>(2)"),
    ],
)
def test_call_of_a_method_has_its_name(with_objects: ToyCourse, name: str, call: str) -> None:
    (reason,) = reasons(with_objects, "ada").question(name).reasons
    assert reason.explanation is not None
    assert reason.explanation.call is not None
    assert f"line {reason.explanation.call.line}: {reason.explanation.call.call}" == call


@pytest.mark.parametrize(("name", "begin"), [("Account", "class Account:"), ("logs", "def log(")])
def test_class_or_function_that_made_the_object_is_shown(
    with_objects: ToyCourse, name: str, begin: str
) -> None:
    (source,) = reasons(with_objects, "ada").question(name).sources
    assert source.text.startswith(begin)


@pytest.mark.parametrize("name", OBJECTS)
def test_replay_has_no_call_that_python_would_not_find(
    with_objects: ToyCourse, name: str, tmp_path: Path
) -> None:
    found = reasons(with_objects, "ada")
    path = tmp_path / "replay.ipynb"
    write_replay(Course.open(with_objects.root), found, found.question(name), path)
    nb = nbformat.read(path, as_version=4)
    NotebookClient(nb, timeout=60, allow_errors=True).execute()
    raised = [
        output.ename
        for cell in nb.cells
        for output in cell.get("outputs", ())
        if output.output_type == "error"
    ]
    assert raised == ["AssertionError"]
