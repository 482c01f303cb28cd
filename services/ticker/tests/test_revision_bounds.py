"""Verdicts on changes say from where on the definition holds, just as the ticker's own state does."""

from typing import Any

from tasker_core.schedules.occurrences import spread_offset
from tasker_core.ticker_state import TaskState, decode_state_record
from tasker_core.time.instant import rfc3339_second
from tasker_ticker.testing.partition_harness import NOON, PartitionHarness

EVERY_10: dict[str, Any] = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}


def at(second: int) -> str:
    return rfc3339_second(NOON + second)


def bounds(verdict: dict[str, Any]) -> tuple[str, str | None]:
    return verdict["since"], verdict.get("after_nominal")


def held_bounds(harness: PartitionHarness, task_id: str) -> tuple[str, str | None]:
    state = decode_state_record(harness.stored[f"task/{task_id}"])
    assert isinstance(state, TaskState)
    return (
        rfc3339_second(state.since),
        None if state.after_nominal is None else rfc3339_second(state.after_nominal),
    )


def test_each_change_says_from_where_on_it_holds() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10)
    harness.commit(1)
    assert bounds(harness.verdicts()[-1]) == held_bounds(harness, "a") == (at(1), None)
    harness.tick(25)
    harness.put(25, "a", {"every": "PT5S", "anchor": "2026-01-01T12:00:00Z"})
    harness.commit(26)
    assert bounds(harness.verdicts()[-1]) == held_bounds(harness, "a") == (at(26), at(20))
    harness.tick(37)
    harness.send(37, type="pause", task_id="a")
    harness.commit(38)
    assert bounds(harness.verdicts()[-1]) == held_bounds(harness, "a") == (at(38), at(35))


def test_an_edit_that_leaves_the_schedule_alone_keeps_them() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10)
    harness.tick(25)
    harness.put(25, "a", EVERY_10, name="another name")
    harness.commit(26)
    assert bounds(harness.verdicts()[-1]) == held_bounds(harness, "a") == (at(1), None)


def test_what_runs_at_once_at_a_handover_belongs_to_the_new_definition() -> None:
    """The nominal time was still to come under the old spread, and has passed under the new one."""
    task_id = next(name for name in map(str, range(99)) if spread_offset(name, 30) > 20)
    harness = PartitionHarness(now=-100)
    schedule = {"every": "PT1M", "anchor": "2026-01-01T12:00:00Z"}
    harness.put(-99, task_id, schedule | {"spread": "PT30S"})
    harness.tick(5)
    harness.put(5, task_id, schedule)
    harness.tick(7)
    run = harness.topics["due-tasks"][-1]
    assert (run["nominal_at"], run["version"]) == (at(0), harness.verdicts()[-1]["version"])
    assert bounds(harness.verdicts()[-1]) == (at(6), at(0))


def test_what_is_no_change_says_nothing_of_it() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10)
    harness.send(1, type="trigger", task_id="a")
    harness.send(2, type="cancel", task_id="a")
    harness.send(3, type="delete", task_id="a")
    harness.tick(4)
    assert [v["event_type"] for v in harness.verdicts()] == ["put", "trigger", "cancel", "delete"]
    for verdict in harness.verdicts()[1:]:
        assert "since" not in verdict
        assert "after_nominal" not in verdict


def test_a_removal_says_when() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", {"at": at(1)})
    harness.tick(2)
    harness.restart()
    harness.settle(8 * 24 * 3600)
    (removed,) = harness.verdicts("removed")
    assert removed["removed_at"] == at(1 + 7 * 24 * 3600), "when its retention was over, not when that was noticed"


def test_a_removal_after_an_outage_lies_before_what_creates_the_task_anew() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", {"at": "2026-01-01T12:00:01Z"})
    harness.tick(2)
    harness.put(8 * 24 * 3600, "a", {"every": "PT1H"})
    harness.settle(9 * 24 * 3600, recovering=True)
    (removed,) = harness.verdicts("removed")
    created = harness.verdicts()[-1]
    assert created["version"] == created["generation"]
    assert removed["removed_at"] < created["effective_from"]
