"""A task that is over: it is reported once, and kept for as long as something of it is still to come."""

from tasker_core.time.instant import rfc3339_second
from tasker_ticker.scheduling.scheduling_limits import SchedulingLimits
from tasker_ticker.testing.partition_harness import NOON, PartitionHarness

AT_30 = {"at": "2026-01-01T12:00:30Z"}
EVERY_10 = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}
FINISHED_SECONDS = SchedulingLimits().finished_seconds
NO_VISITS = SchedulingLimits(visits=0)  # the owner dies with the gap still open


def test_a_finished_task_stays_until_its_last_attempt_is_emitted() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", AT_30)
    harness.tick(30)
    due = 30 + FINISHED_SECONDS + 5
    harness.send(40, type="retry", run=harness.topics["due-tasks"][0], attempt=2, retry_at=rfc3339_second(NOON + due))
    harness.settle(41)
    harness.settle(due - 3)
    harness.restart()
    harness.settle(due)
    assert harness.fired("a", "due-background") == [30]
    assert (harness.verdicts("removed"), harness.verdicts("ended")) == ([], [])
    harness.settle(due + FINISHED_SECONDS)
    assert [record["task_id"] for record in harness.verdicts("removed")] == ["a"]
    assert not harness.scheduler.state.tasks


def test_a_finished_task_stays_until_its_backfill_is_done() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10 | {"end": "2026-01-01T12:00:30Z"})
    harness.tick(30)
    end = 30 + FINISHED_SECONDS
    harness.send(
        end - 30, type="backfill", task_id="a", rate=1, start=rfc3339_second(NOON), end=rfc3339_second(NOON + 31)
    )
    for minute in range(6):
        harness.commit(end - 29 + minute * 60)
    assert harness.fired("a", "due-background") == [0, 10, 20, 30]
    assert [record["reason"] for record in harness.verdicts("backfill.ended")] == ["done"]
    assert harness.verdicts("removed") == []


def test_what_was_over_before_an_outage_is_not_reported_again() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", AT_30)
    harness.put(0, "b", EVERY_10)
    harness.tick(40)
    harness.restart(NO_VISITS)
    harness.commit(500)
    harness.restart(SchedulingLimits())
    harness.settle(501)
    assert [record["last_nominal"] for record in harness.verdicts("finished")] == ["2026-01-01T12:00:30.000Z"]
    assert harness.scheduler.state.tasks["a"].finished_at == NOON + 30


def test_what_ran_at_once_in_an_outage_is_not_reported_as_over_again() -> None:
    harness = PartitionHarness()
    harness.put(0, "b", EVERY_10)
    harness.commit(1)
    harness.restart(NO_VISITS)
    harness.put(30, "a", AT_30)
    harness.commit(500, recovering=True)
    harness.commit(500)
    harness.restart(SchedulingLimits())
    harness.settle(501)
    assert harness.fired("a", "due-background") == [30]
    assert [record["task_id"] for record in harness.verdicts("finished")] == ["a"]
