"""What a test finds out about classes and exceptions that stay in the student's process."""

from collections.abc import Callable

import pytest

from referee.judge.exceptions import linked_to
from referee.judge.places import NotComparable
from referee.judge.python import is_instance, type_of
from tests.support.sides import Student


class Meta(type):
    """Makes classes."""


class Plug(metaclass=Meta):
    """Is of a class of its own."""


class Refused(ValueError):  # noqa: N818 - as a student may call it
    """Is of the notebook."""


def refuse() -> None:
    try:
        int("x")
    except ValueError as error:
        raise Refused from error


def fail() -> None:
    try:
        int("x")
    except ValueError as error:
        raise TypeError from error


@pytest.mark.parametrize("function", [refuse, fail])
def test_exception_has_the_cause_that_it_has_there(function: Callable[[], None]) -> None:
    student = Student()
    with student.channel:
        with pytest.raises((ValueError, TypeError)) as raised:
            student.has(function)()
        cause = linked_to(raised.value, "__cause__")
        assert is_instance(cause, ValueError)
        assert type_of(cause) is ValueError
        assert linked_to(raised.value, "__context__") is cause


def test_class_of_a_class_is_the_one_that_it_has_there() -> None:
    student = Student()
    with student.channel:
        assert type_of(student.has(Plug)) is student.has(Meta)
        assert type_of(student.has(Refused)) is type


def test_class_of_a_test_that_inherits_from_one_there_is_there() -> None:
    student = Student()
    with student.channel:
        base = student.has(Plug)

        class Socket(base):  # type: ignore[misc, valid-type]
            pass

        assert type_of(Socket) is student.has(Meta)
        assert is_instance(Socket(), base) and is_instance(Socket(), Socket)


def test_class_of_a_test_cannot_inherit_from_what_is_no_class() -> None:
    student = Student()
    with student.channel:
        base = student.has(Plug())
        with pytest.raises(NotComparable, match="inherits from Plug"):

            class Socket(base):  # type: ignore[misc, valid-type]
                pass

        assert student.fork.context.refusals
