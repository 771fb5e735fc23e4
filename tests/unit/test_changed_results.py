"""Which tests need the very objects that the student's code gives them."""

import pytest

from referee.judge.changed_results import changes_results
from referee.notebook.definitions import needs_of

STUDENTS = frozenset({"Pupil", "make", "use"})
CHANGED = [
    "Pupil().grades.append(1)",
    "p = Pupil()\np.grades[0] = 1",
    "p = Pupil()\ndel p.info['x']",
    "p = Pupil()\nfor row in p.grid:\n    row[0] = 1",
    "p = Pupil()\nq = p\nq.grades.clear()",
    "with Pupil() as p:\n    p.grades.sort()",
    "people = [Pupil(), Pupil()]\npeople[0].grades.append(1)",
    "p = Pupil()\nlist.append(p.grades, 1)",
    "p = Pupil()\nnp.add(p.a, 1, out=p.a)",
    "p = Pupil()\ngrades = p.grades\ngrades += [1]",
    "add = Pupil().grades.append\nadd(1)",
    "def pupil(): return Pupil()\npupil().grades.append(1)",
    "make()['a'] = 1",
    "@make\ndef rows(n): return [n]\na = rows(1)\na.append(2)",
    "made = make()\nmade.append(1)\nassert len(made) == 2 and use() == 2",
]
OTHERS = {
    "own list": "found = []\nfound.append(make())",
    "own copy": "p = Pupil()\nown = list(p.grades)\nassert own == []",
    "method of its class": "p = Pupil()\np.append(1)\np.update(2)",
    "attribute": "p = Pupil()\np.grades = [1]",
    "result that is passed on": "a = make()\na['x'] = 1\nassert use(a) == 1",
    "items of a result": "for key, value in make().items():\n    seen = {}\n    seen[key] = value",
    "part of an array": "shape = make().shape\nexpected = [0]\nexpected[0] = shape",
    "object of its own class": "class Fake:\n    def __init__(self): self.lines = []\n"
    "    def write(self, line): self.lines.append(line)\nuse(Fake())",
    "no Python": "!ls",
}


@pytest.mark.parametrize("source", CHANGED)
def test_change_of_what_the_student_has_is_seen(source: str) -> None:
    assert changes_results(source, STUDENTS & needs_of(source), frozenset({"Pupil"}))


@pytest.mark.parametrize("source", OTHERS.values(), ids=OTHERS)
def test_other_changes_are_not_meant(source: str) -> None:
    assert not changes_results(source, STUDENTS & needs_of(source), frozenset({"Pupil"}))
