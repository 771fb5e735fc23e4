"""Each test that docs/promises.md names exists."""

import re

import pytest

from tests.support.solutions import REPO, TESTS

PROMISES = (REPO / "docs/promises.md").read_text()
TEXTS = {path.name: path.read_text() for path in TESTS.rglob("*.py")}
NAMES = sorted(set(re.findall(r"`(test_\w+|Test\w+|[\w/]*test_\w+\.py)(?:\[.*?\])?`", PROMISES)))


@pytest.mark.parametrize("name", NAMES)
def test_named_test_exists(name: str) -> None:
    if name.endswith(".py"):
        assert name.rpartition("/")[2] in TEXTS
    else:
        defined = re.compile(rf"^ *(?:def|class) {name}\b", re.MULTILINE)
        assert any(defined.search(text) for text in TEXTS.values())


def test_every_numbered_promise_names_what_enforces_it() -> None:
    rows = re.findall(r"^\| (\d+) \|.*\| (.+) \|$", PROMISES, re.MULTILINE)
    assert sorted(int(number) for number, _ in rows) == list(range(1, len(rows) + 1))
    for number, enforced in rows:
        assert re.search(r"[Tt]est|attacks", enforced), f"promise {number}"
