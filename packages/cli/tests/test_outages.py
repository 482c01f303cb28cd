"""What may be recorded as missed, and what may run late: what an outage made late, as the misfire policy says."""

import pytest

from tasker_cli.testing import FROM, RecordedWorld, first_of, nominal, violations


@pytest.mark.parametrize(
    ("misfire", "reason", "after", "expected"),
    [
        ({}, "coalesced", 61, 0),
        ({}, "coalesced", 58, 1),
        ({"policy": "none"}, "policy", 0, 1),
        ({"policy": "none"}, "policy", 61, 0),
        ({"policy": "all"}, "policy", 61, 1),
        ({"policy": "all"}, "coalesced", 61, 1),
        ({}, "too_old", 90_000, 1),
        ({}, "nonsense", 61, 1),
        ({}, "changed", 0, 1),
        ({}, "deleted", 0, 0),
        ({"policy": "none", "grace": "PT0S"}, "policy", 1, 0),
        ({"policy": "all", "grace": "PT10S"}, "over_max", 11, 0),
        ({"policy": "all", "grace": "PT10S"}, "over_max", 8, 1),
        ({"grace": "P1DT1H"}, "coalesced", 3600, 1),
    ],
)
def test_an_occurrence_is_missed_only_when_it_is_late_and_as_its_policy_says(
    misfire: dict[str, str], reason: str, after: int, expected: int
) -> None:
    world = RecordedWorld()
    world.verdict("a", "put", 0, misfire=misfire)
    world.miss("a", 1, 2, reason=reason, after=after)
    world.carry_out("a", 3)
    world.verdict("a", "delete", 3)
    assert violations(world.judge())["missed_wrongly"] == expected
    assert world.judge().counts.total() == expected


def test_what_was_missed_by_a_definition_that_is_unknown_is_not_judged_by_a_later_one() -> None:
    world = RecordedWorld()
    world.miss("a", 1, 2, after=1)
    world.verdict("a", "resume", 3)
    for n in (4, 5):
        world.carry_out("a", n)
    world.verdict("a", "delete", 5)
    found = world.judge()
    assert (violations(found), found.counted["due"]) == ({}, 2)


def outage() -> RecordedWorld:
    """Task a, due every second from 1 on; the ticker stands from 3 to 20, then 18 to 20 run, 4 to 8 are missed."""
    world = RecordedWorld()
    world.verdict("a", "put", 0, misfire={"policy": "all", "max": 12, "grace": "PT3S"})
    for n in (1, 2, 3):
        world.carry_out("a", n)
        world.watermark(n)
    world.watermark(20, after=1)
    world.watermark(21)
    world.miss("a", 4, 8, reason="over_max", after=13)
    for n in range(9, 21):
        world.carry_out("a", n, after=21 - n)
        world.background.add(len(world.due) - 1)
    world.carry_out("a", 21)
    world.verdict("a", "delete", 21)
    return world


def test_what_an_outage_made_late_may_run_late_and_be_missed() -> None:
    found = outage().judge()
    assert violations(found) == {}
    assert (found.counted["run late after an outage"], found.counted["missed"], found.counted["due"]) == (3, 5, 21)
    strict = violations(outage().judge(strict=True))
    assert (strict["late"], strict["missed_wrongly"]) == (3, 1)


def test_without_an_outage_nothing_may_be_late_or_missed() -> None:
    world = outage()
    world.watermarks.clear()
    for n in range(1, 22):
        world.watermark(n)
    found = violations(world.judge())
    assert (found["late"], found["missed_wrongly"]) == (3, 1)


def test_what_the_ticker_has_not_decided_yet_is_no_loss() -> None:
    world = RecordedWorld()
    world.verdict("a", "put", 0)
    world.carry_out("a", 1)
    world.watermark(1)
    gap = {"from": world.watermarks[0][0]["time"], "to": "2026-01-01T12:00:11Z"}
    world.watermark(11, after=11, catch_up=[gap | {"after_task": "0"}])
    found = world.judge(last=FROM + 13)
    assert violations(found) == {"late": 2}  # 12 and 13: it stands at 11
    assert found.unaudited == {"occurrences in an outage that the ticker is still working off": 10}
    world.watermarks[-1][0]["catch_up"] = [gap | {"after_task": "a"}]
    assert violations(world.judge(last=FROM + 13)) == {"late": 2, "lost": 10}


def test_what_the_ticker_has_decided_since_its_watermark_was_read_is_neither_stray_nor_wrongly_logged() -> None:
    world = RecordedWorld()
    world.verdict("a", "put", 0)
    world.carry_out("a", 1)
    world.watermark(1)
    gap = {"from": nominal(1), "to": nominal(11), "after_task": "0"}
    world.watermark(11, after=11, catch_up=[gap])
    world.verdict("a", "delete", 11)
    world.carry_out("a", 5, after=20)
    del world.due[first_of(world.due, "a", 5)]
    world.missed.append(("a", FROM + 6, FROM + 7, "coalesced"))
    found = world.judge(last=FROM + 11)
    assert violations(found) == {}
    assert found.unaudited == {"occurrences in an outage that the ticker is still working off": 10}
    gap["after_task"] = "a"  # it was decided before
    assert violations(world.judge(last=FROM + 11)) == {"lost": 10, "stray_result": 1, "wrongly_logged": 2}


def test_what_was_run_under_another_id_is_stray_in_an_outage_too() -> None:
    world = RecordedWorld()
    world.verdict("a", "put", 0)
    for n in (1, 2, 3):
        world.carry_out("a", n)
    world.watermark(1)
    world.watermark(3, after=11, catch_up=[{"from": nominal(1), "to": nominal(3), "after_task": "0"}])
    world.verdict("a", "delete", 3)
    place = first_of(world.results, "a", 2)
    world.results.append((world.results[place][0] | {"run_id": "e" * 32}, 4))
    assert violations(world.judge(last=FROM + 3)) == {"stray_result": 1}
