"""Reading the journal, whatever a crash, a full disk or an editor has made of it."""

import json
from dataclasses import asdict
from pathlib import Path

from referee.nbgrader.course import Course
from referee.record.journal import append_to_journal, journal_path, read_journal
from tests.support.journal import journal_line

WHOLE = asdict(journal_line("ada")) | {"cells": [["one", 1, 0.5]], "late": 1.0}


DAMAGED = [
    json.dumps(WHOLE | {"seconds": "abc"}),
    json.dumps(WHOLE | {"student": 3}),
    json.dumps(WHOLE | {"notes": [1]}),
    json.dumps(WHOLE | {"cells": [["one", "1", None]]}),
    json.dumps(WHOLE | {"cells": [[]]}),
    json.dumps(WHOLE | {"cells": 3}),
    json.dumps(WHOLE | {"late": 1e300}),
    json.dumps(WHOLE | {"late": float("nan")}),
    json.dumps(WHOLE | {"status": "???"}),
    json.dumps({key: WHOLE[key] for key in WHOLE if key != "state"}),
    json.dumps([WHOLE]),
    "[" * 100_000,
    "null",
    "\udcff",
    json.dumps(WHOLE)[:40],
]


def test_damaged_lines_cost_no_other(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").touch()
    course = Course.open(tmp_path)
    journal_path(course).parent.mkdir()
    journal_path(course).write_bytes("\n".join(DAMAGED).encode(errors="surrogateescape"))
    append_to_journal(course, [journal_line("ben")])
    assert list(read_journal(course)) == [journal_line("ben")]
