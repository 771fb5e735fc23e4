"""Values of libraries cross as what they are, or stay: nothing else is ever taken for them."""

import io
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import PIL.Image
import pytest

from referee.boundary.codec import Encoder
from referee.boundary.frame import BoundaryError
from referee.boundary.kinds import ALL, KINDS
from tests.support.frames import decoded, encoded, frame_of
from tests.support.kinds import CHANGED, EXAMPLES, FORGED, LIARS, STAY, SWAPPED, same
from tests.support.sides import Student, called


@pytest.mark.parametrize("value", EXAMPLES.values(), ids=EXAMPLES)
def test_value_comes_back_as_it_was(value: Any) -> None:
    back = decoded(encoded(value))
    assert type(back) is type(value)
    same(back, value)


@pytest.mark.parametrize("value", EXAMPLES.values(), ids=EXAMPLES)
def test_value_within_others_is_one_object(value: Any) -> None:
    first, (second,) = decoded(encoded([value, (value,)]))
    assert first is second
    same(first, value)


def test_there_is_an_example_of_every_kind() -> None:
    found = {KINDS.of(type(value)) for value in EXAMPLES.values()}
    assert [kind.path for kind in ALL if kind not in found and kind.arrives_as is None] == []


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "BMP", "PPM", "TIFF", "WEBP"])
def test_picture_of_a_file_arrives_without_the_file(form: str) -> None:
    file = io.BytesIO()
    PIL.Image.new("RGB", (5, 3), (250, 3, 3)).save(file, form)
    opened = PIL.Image.open(file)
    back = decoded(encoded(opened))
    assert type(back) is PIL.Image.Image
    assert (back.tobytes(), back.size, back.format) == (opened.tobytes(), (5, 3), form)


def stays(value: Any) -> bool:
    """Whether a value stays where it is."""
    left: list[Any] = []

    def foreign(value: Any) -> list[Any]:
        left.append(value)
        return []

    Encoder(foreign, lambda _: None).encode(value)
    return any(each is value for each in left)


@pytest.mark.parametrize("value", [*STAY.values(), *LIARS.values()], ids=[*STAY, *LIARS])
def test_what_is_no_plain_value_of_a_kind_stays(value: Any) -> None:
    assert stays(value)
    assert stays([1, value, 2][1])


@pytest.mark.parametrize("tree", FORGED.values(), ids=FORGED)
def test_forged_parts_make_no_value(tree: Any) -> None:
    tree, *content = tree if isinstance(tree, tuple) else (tree,)
    with pytest.raises(BoundaryError):
        decoded(frame_of(tree, *content))


@pytest.mark.parametrize("name", SWAPPED)
def test_column_of_the_other_byte_order_arrives_in_this_ones(name: str) -> None:
    swapped, expected = SWAPPED[name]
    same(decoded(encoded(swapped)), expected)


@pytest.mark.parametrize(("make", "change"), CHANGED.values(), ids=CHANGED)
def test_what_a_call_changes_is_changed_here(
    make: Callable[[], Any], change: Callable[[Any], None]
) -> None:
    value, expected = make(), make()
    change(expected)
    called(change, value)
    same(value, expected)


@pytest.mark.parametrize(("make", "change"), CHANGED.values(), ids=CHANGED)
def test_call_changes_nothing_of_a_test_that_passes_copies(
    make: Callable[[], Any], change: Callable[[Any], None]
) -> None:
    value, student = make(), Student()
    student.fork.context.pass_copies = True
    with student.channel:
        student.has(change)(value)
    same(value, make())


def test_library_that_is_not_imported_here_is_not_imported_by_a_frame() -> None:
    code = (
        "import sys\n"
        "from referee.boundary.codec import Decoder\n"
        "from referee.boundary.frame import BoundaryError\n"
        "import msgpack, numpy\n"
        "before = set(sys.modules)\n"
        "for path in ('pandas.NaT', 'pandas.DataFrame', 'sympy.Expr', 'PIL.Image.Image', 'os.x'):\n"
        "    try: Decoder(None, None).decode(msgpack.packb([13, path]), numpy.empty(0, 'u1'))\n"
        "    except BoundaryError: pass\n"
        "    else: assert False\n"
        "assert set(sys.modules) == before\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
