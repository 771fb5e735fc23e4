"""Exceptions of both sides: of which class they are, and what they have."""

from collections.abc import Iterator

import pytest

from referee.grade.kernel import StudentKernel
from referee.model.limits import Limits
from tests.grading.test_judge import Notebook

pytestmark = pytest.mark.xdist_group("judge")

PROVIDED = """
class ServiceError(Exception):
    def __init__(self, status):
        super().__init__(f"status {status}")
        self.status = status
"""
STUDENT = """
import json

class AppError(Exception):
    pass

class Missing(AppError, KeyError):
    pass

class Both(KeyError, AttributeError):
    pass

class Named:
    title = "named"

class WithMixin(Named, ValueError):
    pass

class OtherMixin(Named, KeyError):
    pass

def fail(kind):
    raise kind("no")

def miss():
    raise Missing("a")

def both():
    raise Both("a")

def mixed():
    raise WithMixin("a")

def other_mixed():
    raise OtherMixin("a")

def collect(functions):
    errors = []
    for function in functions:
        try:
            function()
        except Exception as error:
            errors.append(error)
    failed = RuntimeError(f"{len(errors)} failed")
    failed.errors, failed.number = errors, len(errors)
    raise failed

def with_note():
    error = ValueError("no")
    error.add_note("try again")
    raise error

def with_private():
    error = ValueError("no")
    error._secret, error.args_of = 1, 2
    raise error

def tried(function):
    try:
        return function()
    except ValueError as error:
        error.attempts = 3
        raise

def status_of(get):
    try:
        return get()
    except ServiceError as error:
        return error.status

def args_of(get):
    try:
        return get()
    except Exception as error:
        return error.args

def place_in(get):
    try:
        return get()
    except json.JSONDecodeError as error:
        return error.pos

def number_of(get):
    try:
        return get()
    except OSError as error:
        return error.errno

def text_of(get):
    try:
        return get()
    except Exception as error:
        return f"{type(error).__name__}: {error}"

def described(error):
    return f"{type(error).__name__}: {error}", isinstance(error, ServiceError)

def status(error):
    return error.status

def raises(error):
    raise error
"""
GETS = "def get(): raise {}\n"
RIGHT = {
    "the class of another base, after it was seen alone": (
        "assert issubclass(AppError, Exception)\n"
        "assert issubclass(Missing, KeyError) and issubclass(Missing, AppError)"
    ),
    "caught by one of two bases": "try: miss()\nexcept AppError: pass",
    "caught by the other one": "try: miss()\nexcept KeyError: pass",
    "of both bases": (
        "try: miss()\n"
        "except Missing as e: assert isinstance(e, AppError) and isinstance(e, KeyError)"
    ),
    "of two of Python's": "try: both()\nexcept AttributeError: pass",
    "with a base that is no exception": (
        "try: mixed()\nexcept ValueError as e: assert e.title == 'named'"
    ),
    "such a base is none of Python's": (
        "for call in (mixed, other_mixed):\n"
        "    try: call()\n"
        "    except KeyError as e: assert not isinstance(e, ValueError)\n"
        "    except ValueError as e: assert not isinstance(e, KeyError)"
    ),
    "given attributes": (
        "try: collect([lambda: 1 / 0, lambda: 3])\n"
        "except RuntimeError as e: assert e.number == 1 and type(e) is RuntimeError"
    ),
    "given exceptions": (
        "try: collect([lambda: 1 / 0])\n"
        "except RuntimeError as e: assert isinstance(e.errors[0], ZeroDivisionError)"
    ),
    "given notes": "try: with_note()\nexcept ValueError as e: assert e.__notes__ == ['try again']",
    "the test's, given attributes": (
        GETS.format("ValueError('x')") + "try: tried(get)\n"
        "except ValueError as e: assert e.attempts == 3"
    ),
    "of a provided class": GETS.format("ServiceError(404)") + "assert status_of(get) == 404",
    "of a provided class, by a Mock": (
        "from unittest.mock import Mock\nget = Mock(side_effect=[ServiceError(1), 5])\n"
        "assert [status_of(get), status_of(get)] == [1, 5]"
    ),
    "of a subclass of a provided one": (
        "class Late(ServiceError): pass\n"
        + GETS.format("Late(408)")
        + "assert status_of(get) == 408 and text_of(get) == 'Late: status 408'"
    ),
    "of a library": "import json\nassert place_in(lambda: json.loads('{')) == 1",
    "with a number": GETS.format("FileNotFoundError(2, 'no')") + "assert number_of(get) == 2",
    "with its arguments": GETS.format("ValueError(7, 'a')") + "assert args_of(get) == (7, 'a')",
    "with an argument that is a list": (
        "items = [1]\n" + GETS.format("ValueError(items)") + "assert args_of(get) == ([1],)"
    ),
    "that says something of its own": (
        "class Own(Exception):\n    def __str__(self): return 'own'\n"
        + GETS.format("Own(3)")
        + "assert text_of(get) == 'Own: own'"
    ),
    "passed": "assert described(ValueError('x')) == ('ValueError: x', False)",
    "of a provided class, passed": (
        "assert described(ServiceError(3)) == ('ServiceError: status 3', True)\n"
        "assert status(ServiceError(3)) == 3"
    ),
    "in a list, passed": "assert args_of(lambda: raises([KeyError('a')][0])) == ('a',)",
    "passed, and raised": (
        "e = ServiceError(5)\n"
        "try: raises(e)\nexcept ServiceError as found: assert found is e\nelse: assert False"
    ),
}
WRONG = {
    "no other base": "assert issubclass(AppError, KeyError)",
    "not caught by a class that is no base": "try: miss()\nexcept (ValueError, OSError): pass",
    "a private attribute": "try: with_private()\nexcept ValueError as e: assert e._secret == 1",
    "another status": GETS.format("ServiceError(404)") + "assert status_of(get) == 405",
    "a provided class is no ValueError": GETS.format("ServiceError(4)") + "tried(get)",
}


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    folder = tmp_path_factory.mktemp("exceptions")
    with StudentKernel(folder, Limits(call_cpu=3, call_wall=10, test_wall=10)) as kernel:
        notebook = Notebook(kernel, folder)
        notebook.provided(PROVIDED)
        notebook.solution(STUDENT)
        yield notebook


@pytest.mark.parametrize("source", RIGHT.values(), ids=RIGHT)
def test_exceptions_are_what_they_are_in_one_process(notebook: Notebook, source: str) -> None:
    assert notebook.error(source) == ""


@pytest.mark.parametrize("source", WRONG.values(), ids=WRONG)
def test_exceptions_are_nothing_else(notebook: Notebook, source: str) -> None:
    assert notebook.error(source)


def test_student_cannot_take_the_place_of_what_an_exception_has(notebook: Notebook) -> None:
    notebook.solution(
        "def fails():\n"
        "    error = ValueError('x')\n"
        "    error.__dict__ |= {'args': 1, 'with_traceback': 2, 'raised': 3, 'add_note': 4}\n"
        "    raise error\n"
    )
    assert not notebook.error(
        "try: fails()\nexcept ValueError as e:\n"
        "    assert e.args == ('x',) and callable(e.with_traceback) and callable(e.add_note)\n"
        "    assert e.raised != 3"
    )


def test_exception_with_too_much_is_raised_without_it(notebook: Notebook) -> None:
    notebook.solution(
        "def big():\n"
        "    error = ValueError('x')\n"
        "    error.numbers = [str(i) * 20 for i in range(300_000)]\n"
        "    raise error\n"
    )
    assert not notebook.error(
        "try: big()\nexcept ValueError as e: assert not hasattr(e, 'numbers')\nelse: assert False"
    )
