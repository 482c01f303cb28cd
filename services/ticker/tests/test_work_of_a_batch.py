"""What one batch may cost, so that nothing which is due waits for long."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest

from tasker_core.chains.graph import MAX_LINKS
from tasker_core.events.forwarded_event import AppendPosition
from tasker_core.messages.runs import Run
from tasker_core.schedules import effective_schedule
from tasker_core.ticker_state import PendingAttempt, RunMemory, TaskTombstone, Wait
from tasker_core.topics import partition_of
from tasker_ticker.scheduling import background_work, misfire
from tasker_ticker.scheduling.memory import shared_schedule
from tasker_ticker.scheduling.memory.agenda import Agenda
from tasker_ticker.scheduling.memory.backfills import advance
from tasker_ticker.scheduling.memory.run_memory import RunMemoryIndex
from tasker_ticker.scheduling.memory.tombstones import Tombstones
from tasker_ticker.scheduling.scheduling_limits import SchedulingLimits
from tasker_ticker.testing.partition_harness import NOON, PartitionHarness

LATER = {"at": "2026-01-02T12:00:00Z"}
AT = "2026-01-01T12:00:00.000Z"


def test_events_that_are_checked_against_many_chains_are_spread_over_batches() -> None:
    hub = next(f"t{n}" for n in range(99) if partition_of(f"t{n}", 2) == 0)
    crowd = [name for name in (f"c{n}" for n in range(24_000)) if partition_of(name, 2) == 1]
    harness = PartitionHarness(partitions=2)
    for name in crowd:
        harness.chains.put(name, [hub])
    for number in range(10):
        harness.put(0, hub, LATER, then=[{"task": f"s{number}"}])
    applied = list[int]()
    while sum(applied) < 10:
        batch = harness.commit(1)
        assert batch.events > 0
        assert batch.links < 2 * MAX_LINKS
        applied.append(batch.events)
    assert len(applied) >= 3
    assert [verdict["verdict"] for verdict in harness.verdicts()] == ["accepted"] * 10


def test_attempts_with_one_deadline_are_sorted_once() -> None:
    index = RunMemoryIndex({})
    for number in range(300):
        run_id = f"{number:032x}"
        run = Run(
            run_id=run_id,
            task_id="a",
            task_name="a",
            generation=1,
            version=1,
            nominal_at=AT,
            effective_at=AT,
            emitted_at=AT,
        )
        pending = PendingAttempt(run, 1, 100, Wait(AT, AT))
        index.put(run_id, RunMemory(task_id="a", changed_at=1, pending=pending))
    with patch.object(Agenda, "at", autospec=True, side_effect=Agenda.at) as sorted_names:
        ended = list[str]()
        for run_id, _ in index.due_attempts(100):
            index.put(run_id, RunMemory(task_id="a", changed_at=100))
            ended.append(run_id)
    assert ended == [f"{number:032x}" for number in range(300)]
    assert sorted_names.call_count == 1
    assert (index.pending_count, index.waiting_count) == (0, 0)


def test_tasks_whose_retention_is_over_are_removed_a_portion_in_a_batch_and_nothing_waits_for_them() -> None:
    limits = SchedulingLimits(upkeep=100, finished_seconds=3600)
    harness, many = PartitionHarness(limits=limits, background_rate=10_000), 1_500
    for number in range(many):
        harness.put(0, f"t{number:04}", {"at": f"2026-01-01T12:{number % 60:02}:30Z"})
    harness.put(0, "secondly", {"cron": "* * * * * *"})
    harness.settle(0)
    harness.settle(3_600)
    over = 3_600 + 5_400  # they are over while there is no owner
    harness.restart()
    harness.topics["due-tasks"].clear()
    harness.send(over, type="trigger", task_id="secondly")
    removed = list[int]()
    while harness.scheduler.has_work(NOON + over) or not removed:
        before = len(harness.verdicts("removed"))
        harness.commit(over)
        removed.append(len(harness.verdicts("removed")) - before)
        assert harness.topics["due-tasks"], "what is due comes first"
        assert harness.verdicts()[-1]["event_type"] == "trigger"
        assert len(removed) < 100
    assert sum(removed) == many
    assert max(removed) <= limits.upkeep
    assert set(harness.scheduler.state.tasks) == {"secondly"}


def test_a_batch_that_is_full_removes_nothing_more() -> None:
    harness = PartitionHarness(limits=SchedulingLimits(batch_bytes=20_000, finished_seconds=3600))
    for number in range(1_500):
        harness.put(0, f"t{number:04}", LATER)
    harness.settle(0)
    harness.settle(24 * 3600)
    harness.commit(48 * 3600)
    assert 0 < len(harness.verdicts("removed")) < 200


def test_deadlines_are_judged_a_portion_in_a_batch_and_events_wait_for_those_before_them() -> None:
    harness, many = PartitionHarness(limits=SchedulingLimits(upkeep=10)), 95
    late = [{"on": ["late"], "late": "PT5S", "kafka": {"topic": "x"}}]
    for number in range(many):
        harness.put(0, f"t{number:02}", {"at": "2026-01-01T12:00:10Z"}, notify=late)
    harness.tick(10)
    written = harness.writes.copy()
    for number in range(many):
        harness.send(16.5, type="delete", task_id=f"t{number:02}")
    batches = 0
    while harness.commit(17).has_more:
        batches += 1
        told = harness.writes - written
        assert sum(count for key, count in told.items() if key.startswith("alerts/")) <= 10 * batches + many
        assert batches < 100
    assert batches >= many // 10
    harness.tick(60)
    messages = [run["payload"]["value"] for run in harness.topics["due-background"]]
    assert sum(len(message["changes"]) + sum(message.get("more", {}).values()) for message in messages) == many


def test_memories_of_runs_expire_a_portion_in_a_batch() -> None:
    index = RunMemoryIndex({f"{number:032x}": RunMemory(task_id="a", changed_at=number // 10) for number in range(95)})
    expired = [index.expire(10**9, 20) for _ in range(6)]
    assert [len(some) for some in expired] == [20, 20, 20, 20, 15, 0]
    assert [run_id for some in expired for run_id in some] == [f"{number:032x}" for number in range(95)]


def test_tombstones_expire_a_portion_in_a_batch() -> None:
    deleted = AppendPosition(0, 0, 0)
    tombstones = Tombstones({f"t{number}": TaskTombstone(deleted=deleted, at=number) for number in range(25)})
    assert [len(tombstones.expire(10**9, 10)) for _ in range(4)] == [10, 10, 5, 0]


class Budget:
    """Of so many searches; each batch gets it anew."""

    def __init__(self, searches: int) -> None:
        self._searches, self.done = searches, 0

    def is_spent(self) -> bool:
        return self.done >= self._searches

    def counting(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def search(*args: Any, **options: Any) -> Any:
            self.done += 1
            return real(*args, **options)

        return search


@pytest.mark.parametrize("allowed", [0, 100])
def test_catching_up_costs_a_batch_no_more_than_it_may_and_ends(allowed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    harness, many, hour, budget = PartitionHarness(), 600, 3_600, Budget(allowed)
    for number in range(many):
        harness.put(0, f"t{number:04}", {"cron": f"{number % 60} {number // 60 * 5} * * * *"})
    harness.settle(0)
    harness.restart()
    for module, name in (
        (shared_schedule, "search"),
        (effective_schedule, "search"),
        (effective_schedule, "search_back"),
        (misfire, "search_back"),
    ):
        monkeypatch.setattr(module, name, budget.counting(getattr(module, name)))
    costs, now, harness_state = list[int](), hour, harness.scheduler.state
    while not costs or harness_state.position.gaps or harness_state.position.second < NOON + now - 10:
        budget.done = 0
        harness.commit(now, is_spent=budget.is_spent)
        costs.append(budget.done)
        now += len(costs) % 20 == 0
        assert len(costs) < 5_000
    assert max(costs) <= allowed + 30, "what is live, and the last visit"
    assert len(costs) > 10
    lanes = ("due-tasks", "due-background")
    ran = sum(len(harness.fired(f"t{number:04}", lane)) for number in range(many) for lane in lanes)
    assert ran >= many


@pytest.mark.parametrize("allowed", [0, 25])
def test_backfills_cost_a_batch_no_more_than_it_may_and_end(allowed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    harness, names, budget = PartitionHarness(), [f"t{number:02}" for number in range(40)], Budget(allowed)
    for name in names:
        harness.put(0, name, {"cron": "0 0 * * *"})
        harness.send(0, type="backfill", task_id=name, rate=60_000, start="2025-12-01T00:00:00Z", end=AT)
    harness.commit(0)
    harness.settle(0)
    monkeypatch.setattr(background_work, "advance", budget.counting(advance))
    costs, backfills = list[int](), harness.scheduler.state.backfills.states
    while backfills:
        budget.done = 0
        harness.commit(1 + len(costs), is_spent=budget.is_spent)
        costs.append(budget.done)
        assert len(costs) < 1_000
    assert max(costs) == max(allowed, background_work.SEARCHES_AT_LEAST)
    assert all(len(harness.fired(name, "due-background")) == 32 for name in names)


def test_what_is_due_while_a_gap_is_opened_runs_once() -> None:
    harness = PartitionHarness()
    every_one = {"policy": "all", "max": 1000}
    for number in range(30):
        harness.put(0, f"t{number:02}", {"cron": f"*/{number % 5 + 1} * * * * *"}, misfire=every_one)
    harness.settle(0)
    harness.restart()
    now, batches = 60, 0
    while harness.commit(now, is_spent=lambda: True).has_more or harness.scheduler.state.position.gaps:
        batches += 1
        now = 60 + batches // 40  # so many of them in a second
        assert now < 1_000
    assert batches > 40
    for number in range(30):
        name, step = f"t{number:02}", number % 5 + 1
        fired = sorted(harness.fired(name) + harness.fired(name, "due-background"))
        assert fired == [second for second in range(1, now + 1) if second % step == 0]
