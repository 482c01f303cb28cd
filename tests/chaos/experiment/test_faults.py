"""The faults of an experiment: all of them, in an order that its seed repeats."""

from itertools import islice

import pytest

from tests.chaos.experiment.faults import TARGETS, faults

ALL = [(kind, target) for kind, targets in TARGETS.items() for target in targets]


def test_each_fault_comes_once_before_any_comes_again() -> None:
    first = list(islice(faults(7), 2 * len(ALL)))
    for part in (first[: len(ALL)], first[len(ALL) :]):
        assert sorted((fault.kind, fault.target) for fault in part) == sorted(ALL)


def test_a_seed_repeats_them_and_another_does_not() -> None:
    assert list(islice(faults(7), 100)) == list(islice(faults(7), 100))
    assert list(islice(faults(7), 100)) != list(islice(faults(8), 100))


def test_chosen_ones_only() -> None:
    assert {(fault.kind, fault.target) for fault in islice(faults(1, ["kill kafka", "clock"]), 50)} == {
        ("kill", "kafka"),
        *(("clock", target) for target in TARGETS["clock"]),
    }
    with pytest.raises(ValueError, match="no fault begins as 'kil kafka'"):
        next(faults(1, ["kil kafka"]))
