"""Generated cohorts: the same for the same seed, and with all that real ones bring."""

import json
from collections import Counter
from pathlib import Path

import nbformat
import pytest

from tests.support.generate import (
    FAULTS,
    NOT_TRAINED,
    ODDITIES,
    SHARES,
    TRAININGS,
    Handed,
    generate,
)
from tests.support.solutions import ASSIGNMENT


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def cells_of(folder: Path, student: Handed) -> dict[str, str]:
    (path,) = (folder / student.student / ASSIGNMENT).glob("*.ipynb")
    return {cell["id"]: cell["source"] for cell in json.loads(path.read_text())["cells"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("generated")


@pytest.fixture(scope="module")
def cohort(folder: Path) -> list[Handed]:
    """A hundred submissions."""
    return generate(folder, 100, seed=7)


def test_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate(tmp_path / name, 20, seed)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert contents(tmp_path / "a") != contents(tmp_path / "c")


@pytest.mark.parametrize("seed", range(5))
def test_cohort_of_twelve_has_every_fault(tmp_path: Path, seed: int) -> None:
    kinds = Counter(handed.kind for handed in generate(tmp_path, 12, seed))
    assert {kind: kinds[kind] for kind in FAULTS} == dict.fromkeys(FAULTS, 1)
    assert set(kinds) == {"right", *SHARES}


def test_more_than_half_of_a_large_cohort_is_right(cohort: list[Handed]) -> None:
    kinds = Counter(handed.kind for handed in cohort)
    assert kinds == SHARES | {"right": 100 - sum(SHARES.values())}
    assert 50 < kinds["right"] < 60


def test_every_student_hands_in_one_valid_notebook(folder: Path, cohort: list[Handed]) -> None:
    assert {path.name for path in folder.iterdir()} == {handed.student for handed in cohort}
    for handed in cohort:
        (path,) = (folder / handed.student / ASSIGNMENT).glob("*.ipynb")
        nbformat.validate(nbformat.read(path, as_version=4))


def test_fault_is_in_a_function(folder: Path, cohort: list[Handed]) -> None:
    for handed in cohort:
        if handed.kind in FAULTS:
            functions = [c for c in cells_of(folder, handed).values() if c.startswith("def ")]
            assert any(c.endswith(body) for c in functions for body in FAULTS[handed.kind])


def test_names_are_not_only_letters(cohort: list[Handed]) -> None:
    names = "".join(handed.student for handed in cohort)
    assert " " in names
    assert "'" in names
    assert not names.isascii()


def test_odd_submissions_are_rare(cohort: list[Handed]) -> None:
    assert 0 < sum(bool(handed.oddity) for handed in cohort) < 20


def test_every_oddity_occurs_in_a_large_enough_cohort(tmp_path: Path) -> None:
    assert {handed.oddity for handed in generate(tmp_path, 300, seed=1)} == {"", *ODDITIES}


def test_right_mix_has_right_solutions_in_several_styles(tmp_path: Path) -> None:
    cohort = generate(tmp_path, 20, seed=1, mix="right")
    assert {handed.kind for handed in cohort} == {"right"}
    assert len({handed.solution for handed in cohort}) > 4
    assert not any(handed.oddity for handed in cohort)


def test_without_training_the_cells_that_train_do_nothing(tmp_path: Path) -> None:
    for handed in generate(tmp_path, 12, 3, training=False):
        (path,) = (tmp_path / handed.student).rglob("*.ipynb")
        cells = {cell.id: cell.source for cell in nbformat.read(path, as_version=4).cells}
        assert {cells[name] for name in TRAININGS} == {NOT_TRAINED}
