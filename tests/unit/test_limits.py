"""Limits exist once: the kernel's settings and the doctor's trials are made from them."""

from dataclasses import fields

import pytest
from traitlets import Float, TraitError

from referee.boundary.settings import KernelLimits
from referee.doctor.attempts import ATTEMPTS, LAST_ATTEMPTS, NOT_TRIED, TRIED_LIMITS
from referee.doctor.trial import SMALL
from referee.model.limits import GIB, Limits


def test_each_limit_is_tried_by_the_doctor_or_known_not_to_need_it() -> None:
    assert set(Limits().values()) == {*TRIED_LIMITS, *NOT_TRIED}
    assert not set(TRIED_LIMITS) & set(NOT_TRIED)


def test_each_trial_of_a_limit_exists() -> None:
    named = {name for names in TRIED_LIMITS.values() for name in names}
    assert named <= {*ATTEMPTS, *LAST_ATTEMPTS}
    assert set(SMALL) <= set(TRIED_LIMITS)


def test_the_kernels_limits_are_those_of_the_course() -> None:
    limits = Limits(open_files=99, memory=5 * GIB)
    of_kernel = KernelLimits.of(limits)
    assert {field.name for field in fields(KernelLimits)} <= set(limits.values())
    assert (of_kernel.open_files, of_kernel.memory) == (99, 5 * GIB)


def test_each_limit_says_what_it_bounds() -> None:
    for name, trait in Limits.class_traits(config=True).items():
        assert trait.help.endswith("."), name


@pytest.mark.parametrize(
    "name", [n for n, trait in Limits.class_traits(config=True).items() if type(trait) is Float]
)
def test_no_time_at_all_is_no_limit(name: str) -> None:
    with pytest.raises(TraitError, match=name):
        Limits(**{name: 0})
