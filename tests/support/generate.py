"""`python -m tests.support.generate FOLDER --students N --seed S`: submissions like a course's.

The same seed gives the same bytes. What lies in FOLDER/STUDENT/optimization/ can be graded by
`referee grade` where FOLDER is submitted/ of a course.
"""

import argparse
import copy
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import cycle
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tests.support.solutions import ASSIGNMENT, BANK, RELEASE, read_solution

TRAININGS = ("training_1", "training_2", "experiment", "play", "check")
NOT_TRAINED = "# I had no time left for this."
SMALLEST_WITH_ALL = 12  # students; a smaller cohort has right and wrong solutions only
# How many of a hundred students; all others are right.
SHARES = {"wrong": 30, "unfinished": 7, "untouched": 4, "loops": 1, "crashes": 1, "takes memory": 1}
ODD = 0.06  # of the submissions have one of ODDITIES besides

# What the body of a function does, in place of its work.
FAULTS = {
    "loops": ["while True:\n        pass", "i = 0\n    while i < 10:\n        j = i + 1"],
    "crashes": ["import ctypes\n    ctypes.string_at(0)", "import os\n    os._exit(1)"],
    "takes memory": ["kept = []\n    while True:\n        kept.append(np.ones(2**21))"],
}
# Functions that a fault can be in, with their parameters.
PARAMETERS = {
    "dropout": "A, drop_prob, mode='train'",
    "batchnorm_der": "dA_in, cache",
    "initialize_velocity": "parameters, apply_momentum=True",
    "classify": "X, parameters, mode='test'",
}

FIRST_NAMES = (
    "Aïcha Ali Amara Ana André Anna-Lena Beatriz Björn Carlos Chloé Chukwuemeka Daniel Dmitri "
    "Elif Emily Eszter Fatima François Grace Guðrún Hana Hiroshi Ines Ivan Jamal Jiří José Julia "
    "Kenji Kwame Lars Leïla Li Łukasz Maria Mateo Mehmet Minh Nadia Noah Nuria Olga Omar Priya "
    "Rahul Rosa Sam Siobhán Søren Sofia Tariq Thi Uwe Valentina Wei Yasmin Yuki Zoë"
)
LAST_NAMES = (
    "Adeyemi, Ahmed, Almeida, Andersen, Bianchi, Brown, Castillo, Chen, D'Angelo, Da Silva, "
    "De la Cruz, Dubois, Eriksson, Fernández, Fischer, García, Goldberg, Gómez, Hansen, Haddad, "
    "Horváth, Ito, Ivanova, Jansen, Johnson, Kaya, Khan, Kim, Kowalski, Kumar, Lefèvre, López, "
    "Müller, Nakamura, Ng, Nguyễn, Novák, O'Brien, O'Connor, Okafor, Øst, Papadopoulos, Patel, "
    "Petrov, Rossi, Saint-Jean, Sato, Schäfer, Sharma, Smith, Szabó, Tanaka, Tran, Van den Berg, "
    "Weiß, Williams, Çelik, Zhang, Žukauskas"
)


@dataclass(frozen=True)
class Handed:
    """A submission that was written.

    `kind` is `right` or one of SHARES, `solution` says what it is made of, `oddity` is empty for
    most.
    """

    student: str
    kind: str
    solution: str
    oddity: str = ""


def generate(
    folder: Path, students: int, seed: int, mix: str = "realistic", training: bool = True
) -> list[Handed]:
    """Write submissions of so many students, and say what each of them is.

    `mix` is `realistic`, or `right` for right solutions only; without `training`, the cells that
    train have no code, and grading takes seconds.
    """
    chance = random.Random(seed)
    handed = []
    names = _names(students, chance)
    styles = sorted((BANK / "right").glob("*.py"))
    chance.shuffle(styles)  # and dealt in turn, so that a small cohort is no odd one
    for student, kind, style in zip(
        names, _kinds(students, mix, chance), cycle(styles), strict=False
    ):
        sections, solution = _solution(kind, style, chance, training)
        notebook = _filled_in(sections)
        place = folder / student / ASSIGNMENT
        place.mkdir(parents=True)
        path, oddity = place / f"{ASSIGNMENT}.ipynb", ""
        if mix == "realistic" and chance.random() < ODD:
            oddity = chance.choice(list(ODDITIES))
            path = ODDITIES[oddity](notebook, path, chance)
        text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8", newline="\n")
        handed.append(Handed(student, kind, solution, oddity))
    return handed


def _kinds(students: int, mix: str, chance: random.Random) -> list[str]:
    """What each student hands in."""
    shares = SHARES if mix == "realistic" else {}
    if students < SMALLEST_WITH_ALL:
        shares = {kind: share for kind, share in shares.items() if kind == "wrong"}
    counts = {kind: max(1, round(students * share / 100)) for kind, share in shares.items()}
    kinds = [kind for kind, count in counts.items() for _ in range(count)][:students]
    kinds += ["right"] * (students - len(kinds))
    chance.shuffle(kinds)
    return kinds


def _solution(
    kind: str, style: Path, chance: random.Random, training: bool
) -> tuple[dict[str, str], str]:
    """The solution cells of a submission in one style, and what they are made of."""
    sections, parts = dict(_read(style)), [style.stem]
    if kind == "wrong":
        questions = sorted(path.name for path in (BANK / "wrong").iterdir())
        questions = [name for name in questions if training or name != "training"]
        for question in chance.sample(questions, chance.randint(1, 3)):
            mistake = chance.choice(sorted((BANK / "wrong" / question).glob("*.py")))
            sections |= _read(mistake)
            parts.append(f"{question}/{mistake.stem}")
    elif kind == "unfinished":
        finished = chance.randint(2, len(_questions()) - 1)
        sections = {cell: sections[cell] for cell in _questions()[:finished]}
        parts.append(f"up to {_questions()[finished - 1]}")
    elif kind == "untouched":
        sections, parts = {}, ["nothing"]
    elif kind in FAULTS:
        function, parameters = chance.choice(list(PARAMETERS.items()))
        sections[function] = f"def {function}({parameters}):\n    {chance.choice(FAULTS[kind])}"
        parts.append(f"{function} {kind}")
        training = False  # nobody has trained with such a function
    if not training:
        sections |= dict.fromkeys(TRAININGS, NOT_TRAINED)  # as released, they would train
    return sections, " + ".join(parts)


@cache
def _read(path: Path) -> dict[str, str]:
    return read_solution(path)


@cache
def _release() -> NotebookNode:
    return nbformat.read(RELEASE, as_version=4)


@cache
def _questions() -> list[str]:
    """The cells to fill in, in their order."""
    return [c.id for c in _release().cells if c.metadata.get("nbgrader", {}).get("solution")]


def _filled_in(sections: dict[str, str]) -> NotebookNode:
    notebook = copy.deepcopy(_release())
    for cell in notebook.cells:
        cell.source = sections.get(cell.id, cell.source)
    return notebook


def _names(count: int, chance: random.Random) -> list[str]:
    """Different names, as learning platforms make folders of them: full names and logins."""
    names: list[str] = []
    while len(names) < count:
        first, last = chance.choice(FIRST_NAMES.split()), chance.choice(LAST_NAMES.split(", "))
        name = chance.choice([f"{first} {last}", f"{last}, {first}", f"{first}.{last}".lower()])
        while name in names:
            name += str(chance.randint(2, 99))
        names.append(name)
    return names


def _with_outputs(notebook: NotebookNode, path: Path, chance: random.Random) -> Path:
    """As it was saved after it was run."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, start=1):
        cell.execution_count = number
        text = f"Cost at iteration {number} is: {chance.random():.5f}\n"
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)]
    return path


def _with_own_cells(notebook: NotebookNode, path: Path, chance: random.Random) -> Path:
    for number in range(chance.randint(1, 5)):
        place = chance.randrange(3, len(notebook.cells))
        text = chance.choice(["print(relu)", "x = np.arange(6).reshape(2, 3)\nx.shape", "1 / 0"])
        notebook.cells.insert(place, nbformat.v4.new_code_cell(text, id=f"own-{number}"))
    return path


def _renamed(_: NotebookNode, path: Path, chance: random.Random) -> Path:
    return path.with_stem(chance.choice(["optimization (1)", "Optimization_final", "homework 2"]))


def _with_timestamp(_: NotebookNode, path: Path, chance: random.Random) -> Path:
    handed_in = datetime(2026, 3, 1, 12) + timedelta(minutes=chance.randrange(10_000))
    path.with_name("timestamp.txt").write_text(f"{handed_in:%Y-%m-%d %H:%M:%S.%f} UTC")
    return path


ODDITIES: dict[str, Callable[[NotebookNode, Path, random.Random], Path]] = {
    "outputs": _with_outputs,
    "own cells": _with_own_cells,
    "renamed": _renamed,
    "timestamp": _with_timestamp,
}


def main() -> None:
    """Write a cohort and say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--students", type=int, required=True, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--mix", choices=["realistic", "right"], default="realistic")
    parser.add_argument("--without-training", action="store_true")
    args = parser.parse_args()
    cohort = generate(args.folder, args.students, args.seed, args.mix, not args.without_training)
    for handed in cohort:
        print(handed.student, handed.kind, handed.solution, handed.oddity, sep="\t")


if __name__ == "__main__":
    main()
