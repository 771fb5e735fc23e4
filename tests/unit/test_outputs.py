"""Outputs of a kernel are built anew: nothing but known kinds, which are what they claim to be."""

from base64 import b64encode
from typing import Any

import nbformat
import pytest

from referee.grade.outputs import (
    LONGEST_SIDE,
    NOT_DRAWN,
    OutputRoom,
    built_output,
    leave_out_slow_drawings,
    size_of,
)

PNG = b64encode(b"\x89PNG\r\n\x1a\n" + bytes(20)).decode()
JPEG = b64encode(b"\xff\xd8\xff\xe0" + bytes(20)).decode()
GIF = b64encode(b"GIF89a" + bytes(20)).decode()


def message(kind: str, **content: Any) -> dict[str, Any]:
    return {"msg_type": kind, "content": content}


def built(message: Any) -> Any:
    return built_output(message)


def display(data: Any, metadata: Any = None) -> Any:
    return built(message("display_data", data=data, metadata=metadata))


def test_text_and_pictures_are_kept_as_they_are() -> None:
    data = {"text/plain": "a", "text/html": "<b>a</b>", "image/png": PNG, "image/jpeg": JPEG}
    data["image/gif"] = GIF
    output = display(data, {"image/png": {"width": 30, "height": 20}})
    assert output.data == data
    assert output.metadata == {"image/png": {"width": 30, "height": 20}}


@pytest.mark.parametrize(
    "metadata",
    [
        {"image/png": {"width": "1 onload=alert(1)"}},
        {"image/png": {"width": True, "height": 1.5}},
        {"image/png": {"width": -1, "height": LONGEST_SIDE + 1}},
        {"image/png": {"alt": "' onerror='x", "unconfined": True}},
        {"image/png": 5},
        {"image/jpeg": {"width": 5}, "isolated": True},
        5,
        "text",
        None,
    ],
)
def test_metadata_of_other_forms_stays_out(metadata: Any) -> None:
    assert display({"image/png": PNG}, metadata).metadata == {}


@pytest.mark.parametrize(
    "data",
    [
        {"image/png": "not base64!"},
        {"image/png": JPEG},
        {"image/png": b64encode(b"<svg onload=alert(1)>").decode()},
        {"image/gif": b64encode(b"GIF8;alert(1)").decode()},
        {"image/gif": PNG},
        {"image/png": ["a list"]},
        {"image/png": 5},
        {"image/svg+xml": "<script>alert(1)</script><svg></svg>"},
        {"image/svg+xml": ["<svg></svg>"]},
        {"application/javascript": "alert(1)"},
        {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}},
        {"text/html": {"a": 1}},
        {"text/plain": None},
        {5: "a"},
    ],
)
def test_data_of_other_kinds_stays_out(data: Any) -> None:
    assert display(data).data == {}


@pytest.mark.parametrize(
    "text",
    [
        "<svg></svg>",
        '<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "a" "b">\n<!-- c -->\n<svg width="1"></svg>',
    ],
)
def test_svg_is_kept_as_a_picture(text: str) -> None:
    assert display({"image/svg+xml": text}).data == {"image/svg+xml": text}


@pytest.mark.parametrize(
    "kind", ["application/pdf", "image/webp", "audio/wav", "image/png", "application/vnd.a+json"]
)
def test_kind_that_stays_out_is_named(kind: str) -> None:
    assert display({kind: "a", "text/plain": "<a>"}).metadata == {"not_shown": [kind]}


@pytest.mark.parametrize("kind", ["a b/c", "<b>/x", "image/" + "x" * 200, 5, "text/plain"])
def test_name_of_no_kind_is_not_repeated(kind: Any) -> None:
    assert display({kind: None}).metadata == {}


def test_no_kind_is_named_where_another_shows_the_same() -> None:
    assert display({"application/pdf": "a", "image/png": PNG}).metadata == {}


def test_few_kinds_of_many_are_named() -> None:
    assert len(display({f"image/{n}": "a" for n in range(100)}).metadata["not_shown"]) == 3


@pytest.mark.parametrize(
    "odd",
    [
        message("stream", name="stdin", text="a"),
        message("stream", name="stdout", text=["a"]),
        message("stream", name=["stdout"], text="a"),
        message("display_data", data=[1]),
        message("status", execution_state="busy"),
        {"msg_type": "stream", "content": 5},
        {"msg_type": ["stream"], "content": {}},
        {},
    ],
)
def test_message_that_is_no_output_is_none(odd: Any) -> None:
    assert built_output(odd) is None


@pytest.mark.parametrize("traceback", [None, 5, "a", [1, {}], {"a": 1}])
def test_error_has_text_only(traceback: Any) -> None:
    output = built(message("error", ename=5, evalue=["a"], traceback=traceback))
    assert (output.ename, output.evalue, output.traceback) == ("", "", [])


def test_whatever_is_built_is_valid_and_can_be_saved() -> None:
    outputs = [
        display({"text/plain": "\ud800"}, {"image/png": 5}),
        built(message("stream", name="stdout", text="\udfff")),
        built(message("error", ename="\ud800" * 300, evalue="", traceback=["\ud800"])),
        built(message("execute_result", data={}, metadata={}, execution_count="7")),
    ]
    cell = nbformat.v4.new_code_cell("", outputs=outputs)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbformat.validate(notebook)
    nbformat.writes(notebook).encode()


def test_size_counts_what_is_shown() -> None:
    assert size_of(display({"text/plain": "abc", "image/png": PNG})) == 3 + len(PNG)
    assert size_of(built(message("stream", name="stdout", text="abc"))) == 3


def test_room_is_that_of_the_cell_until_the_notebook_has_less() -> None:
    room = OutputRoom(cell=10, notebook=25)
    assert room.left(4) == 6
    room.spend(10)
    room.spend(10)
    assert room.left(0) == 5


@pytest.mark.parametrize(
    ("beside", "left"),
    [({"text/plain": "a figure"}, {"text/plain": "a figure"}), ({}, {"text/plain": NOT_DRAWN})],
)
def test_drawing_without_an_end_is_left_out(beside: dict[str, str], left: dict[str, str]) -> None:
    output = display({"image/svg+xml": "<svg><g id='a'><use href='#a'/></g></svg>"} | beside)
    leave_out_slow_drawings([output])
    assert output.data == left


def test_other_drawings_and_outputs_stay() -> None:
    outputs = [
        display({"image/svg+xml": "<svg></svg>"}),
        nbformat.v4.new_output("stream", text="a"),
    ]
    leave_out_slow_drawings(outputs)
    assert outputs[0].data == {"image/svg+xml": "<svg></svg>"}
