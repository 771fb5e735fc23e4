"""Visible tests that show what differs, as a short table in place of a long traceback.

    with VisibleTest("relu") as test:
        A, cache = relu(np.array([-1.0, 2.0]))
        test.close("A of relu([-1, 2])", A, [0.0, 2.0], "Z where it is positive, else 0")
        test.equal("act1", parameters["act1"], "relu", "the activation of the first layer")

All checks of the block are made. Then those that failed are raised together, as one error whose
message is the table: at most 16 lines of 80 characters. If none has failed, one line says so.
It is plain Python, and needs NumPy only: it works in every Jupyter, and with nbgrader and Referee.
"""

import reprlib
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

MOST_TABLES = 3  # of failed checks; the others are named only
MOST_ENTRIES = {1: 6, 2: 3, 3: 2}  # shown of an array, by the number of tables
WIDTH = 80  # characters
VALUE = 28  # characters of a value


class Row(NamedTuple):
    """A line of the table."""

    label: str
    expected: str
    got: str


class Difference(NamedTuple):
    """What a check has found: the rows of its table, and a line below them."""

    rows: list[Row]
    more: str = ""


class Failure(NamedTuple):
    """A check that has failed: of what, and the sentence above its table."""

    what: str
    sentence: str
    difference: Difference


class VisibleTestError(AssertionError):
    """The message is all there is to see."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return str(self).splitlines()


class VisibleTest:
    """The checks of one visible test, for a `with` block; `name` is that of the function tested."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.failed: list[Failure] = []

    def close(
        self,
        what: str,
        got: Any,
        expected: ArrayLike,
        must_be: str,
        *,
        atol: float = 1.5e-6,
        rtol: float = 0.0,
    ) -> None:
        """Check that `got` has the shape of `expected`, and its numbers within the tolerances.

        `what` names the result, `must_be` says in words what it must be. The tolerances are those
        of numpy.isclose.
        """
        if difference := _of_arrays(got, np.asarray(expected), atol, rtol):
            self.failed.append(Failure(what, f"{what} must be {must_be}", difference))

    def equal(self, what: str, got: Any, expected: Any, must_be: str) -> None:
        """Check that two values are equal that are no arrays: a name, a shape, None."""
        if not _are_equal(got, expected):
            row = _row("", reprlib.repr(expected), reprlib.repr(got))
            self.failed.append(Failure(what, f"{what} must be {must_be}", Difference([row])))

    def that(self, condition: Any, sentence: str) -> None:
        """Check that a condition holds; the sentence says what is wrong if it does not."""
        if not condition:
            self.failed.append(Failure(sentence, sentence, Difference([])))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the test: with what has failed, or with a line that says that nothing has."""
        if isinstance(error, NotImplementedError):
            _show_no_traceback(error, f"{_function_of(traceback)} is not written yet.")
        elif isinstance(error, NameError) and _is_raised_by_the_test(traceback):
            _show_no_traceback(error, f"{error.name} is not defined. Run its cell first.")
        elif isinstance(error, Exception) and _is_raised_by_the_test(traceback):
            raise VisibleTestError(f"{self.name}: {_unusable(error)}") from None
        elif error is None and self.failed:
            raise VisibleTestError(self._report())
        elif error is None:
            print(f"{self.name}: all visible tests pass. Hidden tests check more.")

    def _report(self) -> str:
        """The table of what has failed."""
        number = len(self.failed)
        lines: list[Row | str] = [
            f"{self.name}: {number} {'check fails' if number == 1 else 'checks fail'}"
        ]
        shown, others = self.failed[:MOST_TABLES], self.failed[MOST_TABLES:]
        if any(failure.difference.rows for failure in shown):
            lines.append(Row("", "expected", "got"))
        for failure in shown:
            rows, more = failure.difference
            lines += [failure.sentence, *rows[: MOST_ENTRIES[len(shown)]], *filter(None, [more])]
        if others:
            lines.append(f"and: {', '.join(failure.what for failure in others)}")
        return _aligned(lines)


def _of_arrays(got: Any, expected: np.ndarray, atol: float, rtol: float) -> Difference | None:
    """How arrays differ, None if they do not."""
    try:
        array = np.asarray(got)
    except Exception:  # rows of different lengths, or what a student's own class raises
        array = np.empty((), dtype=object)
    if array.dtype.kind not in "biuf":
        wanted = f"numbers, shape {expected.shape}"
        return Difference([_row("", wanted, reprlib.repr(got))])
    if array.shape != expected.shape:
        return Difference([_row("shape", expected.shape, array.shape)])
    wrong = ~np.isclose(array.astype(float), expected, rtol=rtol, atol=atol)
    if not wrong.any():
        return None
    places = map(tuple, np.argwhere(wrong)[: MOST_ENTRIES[1]].tolist())
    rows = [
        _row(str(list(place)) if place else "", f"{expected[place]:.8g}", f"{array[place]:.8g}")
        for place in places
    ]
    if wrong.size == 1:
        return Difference(rows)
    about = f"shape {array.shape}, {array.dtype}"
    return Difference(rows, f"  {wrong.sum()} of {wrong.size} entries differ; {about}")


def _are_equal(got: Any, expected: Any) -> bool:
    try:
        return bool(got == expected)
    except Exception:  # an array of several numbers is no truth value
        return False


def _aligned(lines: list[Row | str]) -> str:
    """The lines of a table, with the values of its rows in columns."""
    rows = [line for line in lines if isinstance(line, Row)]
    label, expected, got = (max((len(row[i]) for row in rows), default=0) for i in range(3))
    return "\n".join(
        f"  {line.label:<{label}}  {line.expected:>{expected}}  {line.got:>{got}}"
        if isinstance(line, Row)
        else _cut(line, WIDTH)
        for line in lines
    )


def _row(label: str, expected: Any, got: Any) -> Row:
    return Row(label, _cut(str(expected), VALUE), _cut(str(got), VALUE))


def _cut(text: str, width: int) -> str:
    """One line of text that is no longer than the width."""
    line = text.replace("\n", " ")
    return line if len(line) <= width else f"{line[: width - 3]}..."


def _unusable(error: Exception) -> str:
    """What is said when the test cannot take apart what a function has returned."""
    if isinstance(error, KeyError):
        return f"the key {error} is missing in what is returned"
    about = _cut(f"{type(error).__name__}: {error}", WIDTH - 2)
    return f"what is returned does not have the form that the docstring describes\n  {about}"


def _is_raised_by_the_test(traceback: TracebackType | None) -> bool:
    """Whether it is raised in the `with` block itself, and in no function called there."""
    return traceback is not None and traceback.tb_next is None


def _function_of(traceback: TracebackType | None) -> str:
    """The function in which an error was raised."""
    name = ""
    while traceback is not None:
        name, traceback = traceback.tb_frame.f_code.co_name, traceback.tb_next
    return name


def _show_no_traceback(error: BaseException, sentence: str) -> None:
    error._render_traceback_ = lambda: [sentence]  # type: ignore[attr-defined]
