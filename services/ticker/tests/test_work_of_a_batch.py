"""What one batch may cost, so that nothing which is due waits for long."""

from unittest.mock import patch

from tasker_core.chains.graph import MAX_LINKS
from tasker_core.messages.runs import Run
from tasker_core.ticker_state import PendingAttempt, RunMemory, Wait
from tasker_core.topics import partition_of
from tasker_ticker.scheduling.memory.agenda import Agenda
from tasker_ticker.scheduling.memory.run_memory import RunMemoryIndex
from tasker_ticker.testing.partition_harness import PartitionHarness

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
