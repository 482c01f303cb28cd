"""The acts of a storm: all of them, in an order that its seed repeats."""

from itertools import islice

import pytest

from tests.chaos.storm.acts import VICTIMS, acts

ALL = [(kind, victim) for kind, victims in VICTIMS.items() for victim in victims]


def test_each_act_comes_once_before_any_comes_again() -> None:
    first = list(islice(acts(7), 2 * len(ALL)))
    for part in (first[: len(ALL)], first[len(ALL) :]):
        assert sorted((act.kind, act.victim) for act in part) == sorted(ALL)


def test_a_seed_repeats_them_and_another_does_not() -> None:
    assert list(islice(acts(7), 100)) == list(islice(acts(7), 100))
    assert list(islice(acts(7), 100)) != list(islice(acts(8), 100))


def test_chosen_ones_only() -> None:
    assert {(act.kind, act.victim) for act in islice(acts(1, ["kill kafka", "clock"]), 50)} == {
        ("kill", "kafka"),
        *(("clock", victim) for victim in VICTIMS["clock"]),
    }
    with pytest.raises(ValueError, match="no act begins as 'kil kafka'"):
        next(acts(1, ["kil kafka"]))
