"""Seconds may be recorded as missed once they are too late to run, and no sooner."""

import pytest

from tasker_cli.testing import RecordedWorld
from tasker_cli.verify.findings import Violation


@pytest.mark.parametrize(
    ("grace", "reason", "after", "expected"),
    [
        (None, "coalesced", 61, {}),
        (None, "coalesced", 59, {"missed_early": 1}),
        (None, "policy", 0, {"missed_early": 2}),
        (None, "changed", 0, {}),
        (None, "deleted", 0, {}),
        ("PT0S", "policy", 1, {}),
        ("PT10S", "over_max", 11, {}),
        ("PT10S", "over_max", 8, {"missed_early": 2}),
        ("P1DT1H", "coalesced", 3600, {"missed_early": 2}),
    ],
)
def test_a_second_is_not_missed_within_its_grace(
    grace: str | None, reason: str, after: int, expected: dict[Violation, int]
) -> None:
    world = RecordedWorld()
    world.verdict("a", "put", 0, **({"misfire": {"policy": "latest", "grace": grace}} if grace else {}))
    world.miss("a", 1, 2, reason=reason, after=after)
    world.verdict("a", "delete", 2)
    assert dict(world.judge().counts) == expected


def test_what_was_missed_by_a_definition_that_is_unknown_is_not_judged_by_a_later_one() -> None:
    world = RecordedWorld()
    world.miss("a", 1, 2, after=1)
    world.verdict("a", "resume", 3)
    for n in (4, 5):
        world.carry_out("a", n)
    world.verdict("a", "delete", 5)
    found = world.judge()
    assert (dict(found.counts), found.due) == ({}, 2)
