"""The calls of one test cell across the boundary, as a teacher may want to see them.

Each is recorded when it is made, for arguments and results change later; in short, and only the
first and the last ones, for a test can make a million. Recording never fails: what cannot be
recorded is a note.
"""

import sys
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from itertools import chain, islice
from types import FrameType
from typing import Any, Concatenate, ParamSpec

import numpy as np

from referee.boundary.messages import Call, Reply, shortened
from referee.judge.exceptions import CallLost
from referee.judge.summaries import Summarizer, Summary, as_source, in_words, summary_of
from referee.model.explanation import NamedValue, RecordedCall

FIRST, LAST = 3, 12  # calls of a cell that are kept
MOST_FRAMES = 40  # in which the test's line is looked for
MOST_CHANGES = 5  # arguments
MOST_PARTS = 200  # of the arguments, among which the changed ones are looked for
MOST_DEPTH = 4  # of a test's containers, in which results are looked for
MOST_PRINTED = 300  # characters
MOST_MESSAGE = 400
MOST_TRACEBACK = 1500
MOST_NOTES = 5
MOST_OF_THE_CALL = 1200  # characters of the arguments, and of the result, of the one that matters
MOST_OF_A_CALL = 160  # of those of others

P = ParamSpec("P")


@dataclass(slots=True)
class _Recording:
    """A call as it is recorded. `states` are those of the generators before it."""

    number: int
    function: str
    line: int
    args: list[Summary]
    kwargs: dict[str, Summary]
    states: list[tuple[Any, ...]]
    given: tuple[tuple[Any, ...], dict[str, Any]] | None  # the arguments, until the answer is there
    value: Summary = None
    parts: dict[int, Summary] = field(default_factory=dict)  # of its value, by id
    raised: str = ""
    traceback: str = ""
    lost: str = ""
    changed: list[tuple[str, Summary]] = field(default_factory=list)
    printed: str = ""
    states_after: list[tuple[Any, ...]] | None = None

    @property
    def answered(self) -> bool:
        """Whether a value has come back."""
        return not self.lost and not self.raised and self.given is None


def never_fails(
    method: Callable[Concatenate["CallLog", P], None],
) -> Callable[Concatenate["CallLog", P], None]:
    """Have an error of a method noted: no test fails because it cannot be explained."""

    @wraps(method)
    def guarded(log: "CallLog", /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            method(log, *args, **kwargs)
        except Exception as error:
            if len(log.notes) < MOST_NOTES:
                log.notes.append(f"call {log.made} is not recorded: {type(error).__name__}")

    return guarded


class CallLog:
    """Records the calls that the code of a file makes, with the name of that file."""

    def __init__(self, filename: str = "") -> None:
        self.filename = filename
        self.made = 0
        self.notes: list[str] = []
        self._open: list[_Recording | None] = []  # calls that are not answered, the last one last
        self._first: list[_Recording] = []
        self._last: deque[_Recording] = deque(maxlen=LAST)

    @never_fails
    def begin(self, name: str, call: Call, states: list[tuple[Any, ...]]) -> None:
        """A call is made, with these states of the generators."""
        self.made += 1
        self._open.append(None)
        taken = Summarizer()
        self._open[-1] = recording = _Recording(
            self.made,
            name,
            self._line(sys._getframe(2)),
            [taken.take(arg) for arg in call.args[:20]],
            {key: taken.take(value) for key, value in islice(call.kwargs.items(), 20)},
            states,
            (call.args, call.kwargs),
        )
        if len(self._first) < FIRST:
            self._first.append(recording)
        else:
            self._last.append(recording)

    @never_fails
    def answered(self, reply: Reply, changed: list[Any]) -> None:
        """The answer has come; these objects of the arguments have changed."""
        if (recording := self._open.pop()) is None:
            return
        if reply.output:
            more = "..." if len(reply.output) > MOST_PRINTED else ""
            recording.printed = shortened(reply.output, MOST_PRINTED) + more
        if changed and recording.given is not None:
            recording.changed = _changed(*recording.given, changed)
        recording.given = None
        recording.states_after = reply.random
        if reply.error is not None:
            recording.raised = shortened(f"{reply.error.name}: {reply.error.message}", MOST_MESSAGE)
            recording.traceback = _end_of(reply.error.traceback)
        else:
            taken = Summarizer()
            recording.value = taken.take(reply.value)
            recording.parts = taken.parts

    @never_fails
    def lost(self, lost: CallLost) -> None:
        """No answer has come, and none will."""
        for recording in filter(None, self._open):
            recording.given = None
            recording.lost = lost.for_teacher
        self._open = []

    def _line(self, frame: FrameType | None) -> int:
        """The line of the test that makes the call, 0 if it is not found."""
        for _ in range(MOST_FRAMES):
            if frame is None:
                return 0
            if frame.f_code.co_filename == self.filename:
                return frame.f_lineno
            frame = frame.f_back
        return 0

    def leading_to(
        self, values: list[Any], asked: str = "", *, by_call: bool = False
    ) -> int | None:
        """The number of the last call that returned one of these values, the first ones first.

        A test may have put the results into containers of its own. If no call returned a value, it
        is the last one that was made; if that has its answer, the last one of the function `asked`
        or of a method of that class. If a call ended the test (`by_call`), it is that one: values
        may be arguments that an earlier call has returned.
        """
        kept = [*self._first, *self._last]
        if by_call and kept and not kept[-1].answered:
            return kept[-1].number
        for value in _and_their_parts(values):
            for recording in reversed(kept):
                part = recording.parts.get(id(value))
                if part is not None and in_words(part) == in_words(summary_of(value)):
                    return recording.number
        names = [recording.function.partition(".")[0] for recording in kept]
        of_asked = [kept[place] for place, name in enumerate(names) if name == asked]
        if of_asked and kept[-1].answered:
            return of_asked[-1].number
        return kept[-1].number if kept else None

    def recorded(self, led_to_it: int | None) -> tuple[RecordedCall, ...]:
        """The calls, in their order; all there is of the one that led to the failure."""
        return tuple(
            _recorded(recording, whole=recording.number == led_to_it)
            for recording in (*self._first, *self._last)
        )


def _end_of(traceback: str) -> str:
    """The last lines of a traceback, as many as there is room for."""
    if len(traceback) <= MOST_TRACEBACK:
        return traceback
    return "...\n" + traceback[-MOST_TRACEBACK:].partition("\n")[2]


def _and_their_parts(values: list[Any]) -> Iterator[Any]:
    """Values, then what they hold, and so on; containers of Python's own only."""
    level = values
    for _ in range(MOST_DEPTH):
        yield from level
        level = list(islice(chain.from_iterable(map(_items, level)), MOST_PARTS))


def _items(value: Any) -> Iterable[Any]:
    if type(value) is dict:
        return value.values()
    return value if type(value) in (list, tuple) else ()


def _changed(
    args: tuple[Any, ...], kwargs: dict[str, Any], changed: list[Any]
) -> list[tuple[str, Summary]]:
    """The objects that have changed, with what they are called and what they are now."""
    names: dict[int, str] = {}
    top = [(f"argument {place}", value) for place, value in enumerate(args, start=1)]
    top += [(f"argument {name}", value) for name, value in kwargs.items()]
    for name, value in islice(top, MOST_PARTS):
        names.setdefault(id(value), name)
        parts: Any = ()
        if type(value) is dict:
            parts = value.items()
        elif type(value) in (list, tuple):
            parts = enumerate(value)
        for key, part in islice(parts, MOST_PARTS):
            if isinstance(key, str | int):
                names.setdefault(id(part), f"{name}[{in_words(summary_of(key), 40)}]")
    return [
        (names.get(id(value), "a part of an argument"), summary_of(value))
        for value in changed[:MOST_CHANGES]
    ]


def _recorded(recording: _Recording, *, whole: bool) -> RecordedCall:
    most = MOST_OF_THE_CALL if whole else MOST_OF_A_CALL
    args = [in_words(arg) for arg in recording.args]
    args += [f"{name}={in_words(value)}" for name, value in recording.kwargs.items()]
    random, set_states = _random(recording)
    source = _as_source(recording) if whole else None
    return RecordedCall(
        recording.number,
        recording.function,
        recording.line,
        _cut(f"{recording.function}({', '.join(args)})", most),
        returned=_cut(in_words(recording.value, most - 50), most) if recording.answered else "",
        raised=recording.raised,
        traceback=recording.traceback if whole else "",
        lost=recording.lost or ("" if recording.given is None else "it was not answered"),
        changed=tuple(
            NamedValue(name, _cut(in_words(now), most)) for name, now in recording.changed
        ),
        printed=recording.printed if whole else _cut(recording.printed, most),
        random=random,
        prepare=set_states if source else "",
        source=source or "",
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}..."


def _as_source(recording: _Recording) -> str | None:
    """Python that makes the call again, None if not all of its arguments were kept."""
    args = [as_source(arg) for arg in recording.args]
    kwargs = {name: as_source(value) for name, value in recording.kwargs.items()}
    if not recording.function.isidentifier() or None in (*args, *kwargs.values()):
        return None
    parts = [*map(str, args), *(f"{name}={value}" for name, value in kwargs.items())]
    return f"{recording.function}({', '.join(parts)})"


# ---- random numbers ----


def _random(recording: _Recording) -> tuple[str, str]:
    """Which random numbers a call has drawn, in words and as Python that sets the generators."""
    if recording.states_after is None or not recording.states:
        return "", ""
    texts, lines = [], []
    (numpy_before, python_before), (numpy_after, python_after) = (
        recording.states,
        recording.states_after,
    )
    if not _same(numpy_before, numpy_after):
        if (seed := _seed_of(numpy_before)) is not None:
            texts.append(f"NumPy's generator after np.random.seed({seed})")
            lines.append(f"np.random.seed({seed})")
        else:
            texts.append("NumPy's generator")
            key, *rest = numpy_before
            lines.append(f'np.random.set_state(("MT19937", {_words(key)}, *{tuple(rest)}))')
    if not _same(python_before, python_after):
        texts.append("Python's generator")
        words, place, gauss = python_before
        lines.append(
            f"random.setstate((3, tuple({_words(words)}.tolist()) + ({place},), {gauss!r}))"
        )
    text = " and ".join(texts)
    if text and (seed := _seed_of(numpy_after)) is not None:
        text += f", and set np.random.seed({seed})"
    return text, "\n".join(lines)


def _same(state: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return np.array_equal(state[0], other[0]) and tuple(state[1:]) == tuple(other[1:])


def _seed_of(state: tuple[Any, ...]) -> int | None:
    """The seed that has just been set, if one was."""
    key, position, has_gauss, _ = state
    if position != 624 or has_gauss:
        return None
    seed = int(key[0])
    seeded = np.random.RandomState(seed).get_state(legacy=False)["state"]["key"]
    return seed if np.array_equal(seeded, key) else None


def _words(words: Any) -> str:
    """Python for an array of 32-bit words."""
    content = b64encode(np.asarray(words, np.uint32).tobytes()).decode()
    return f'np.frombuffer(base64.b64decode("{content}"), "uint32")'
