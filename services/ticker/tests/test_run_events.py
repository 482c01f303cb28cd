"""Retries, cancels and backfills, by example, through the whole scheduler."""

from typing import Any

import msgspec
import pytest

from tasker_core.events.forwarded_event import AppendPosition
from tasker_core.events.task_event import parse_event
from tasker_core.messages.runs import decode_run
from tasker_core.schedules.occurrences import NothingUntil, Occurrence, search
from tasker_core.schedules.schedule import Schedule
from tasker_ticker.scheduling.memory import backfills
from tasker_ticker.scheduling.memory.run_memory import KEEP_SECONDS
from tasker_ticker.scheduling.scheduler_inputs import IncomingEvent
from tasker_ticker.testing.partition_harness import NOON, PartitionHarness

EVERY_10 = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}
HOURLY = {"every": "PT1H", "anchor": "2026-01-01T00:00:00Z"}


def retry(harness: PartitionHarness, appended: float, run: dict[str, Any], attempt: int, at: str) -> None:
    before = run | {"attempt": attempt - 1}
    harness.send(appended, type="retry", run=before, attempt=attempt, retry_at=f"2026-01-01T12:00:{at}Z")


def words(harness: PartitionHarness) -> list[str]:
    return [verdict["verdict"] for verdict in harness.verdicts()]


def attempts(harness: PartitionHarness) -> list[tuple[int, int]]:
    """(attempt, second emitted) of the background lane."""
    return [(run.get("attempt", 1), int(run["emitted_at"][17:19])) for run in harness.topics["due-background"]]


def with_a_run() -> tuple[PartitionHarness, dict[str, Any]]:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10)
    harness.settle(1)
    harness.tick(10)
    return harness, harness.topics["due-tasks"][0]


def test_a_retry_comes_when_it_is_due_and_once() -> None:
    harness, run = with_a_run()
    retry(harness, 11, run, 2, "15")
    retry(harness, 11, run, 2, "15")
    harness.tick(13)
    harness.restart()
    harness.tick(20)
    retry(harness, 21, run, 2, "30")
    retry(harness, 21, run, 3, "23")
    harness.tick(30)
    assert attempts(harness) == [(2, 15), (3, 23)]
    assert words(harness)[1:] == ["accepted", "superseded", "superseded", "accepted"]
    again = harness.topics["due-background"][0]
    assert {k: v for k, v in again.items() if k not in ("attempt", "emitted_at")} == {
        k: v for k, v in run.items() if k != "emitted_at"
    }
    assert decode_run(msgspec.json.encode(again)).run_id == run["run_id"]


def test_a_cancelled_or_orphaned_retry_is_reported_as_ended() -> None:
    harness, run = with_a_run()
    retry(harness, 11, run, 2, "40")
    harness.send(12, type="cancel", task_id="a", run_id=run["run_id"])
    retry(harness, 13, run, 3, "40")
    harness.settle(14)
    assert [(e["attempt"], e["outcome"], e["reason"]) for e in harness.verdicts("ended")] == [
        (2, "cancelled", "cancelled"),
        (3, "cancelled", "cancelled"),
    ]
    cancels = [r for lane in ("due-tasks", "due-background") for r in harness.topics[lane] if r["type"] == "cancel"]
    assert cancels == [{"type": "cancel", "task_id": "a", "run_id": run["run_id"]}] * 2
    assert words(harness)[1:] == ["accepted", "accepted", "rejected"]

    harness.tick(20)
    second = harness.topics["due-tasks"][-1]
    retry(harness, 21, second, 2, "50")
    harness.send(22, type="delete", task_id="a")
    retry(harness, 23, second, 3, "50")
    harness.settle(60)
    assert [e["reason"] for e in harness.verdicts("ended")][2:] == ["deleted", "deleted"]
    assert all(r["type"] == "cancel" for r in harness.topics["due-background"])


def test_a_cancel_of_all_runs_names_none() -> None:
    harness, run = with_a_run()
    retry(harness, 11, run, 2, "40")
    harness.send(12, type="cancel", task_id="a")
    harness.settle(13)
    assert harness.topics["due-background"] == [{"type": "cancel", "task_id": "a"}]
    assert len(harness.verdicts("ended")) == 1


def test_triggers_are_known_for_a_day() -> None:
    harness, _ = with_a_run()
    harness.send(11, type="trigger", task_id="a", id="t0")
    for n in range(10):  # more than a task remembers of its events
        harness.send(11, type="trigger", task_id="a", id=f"t{n}")
    harness.send(11, type="trigger", task_id="a", id="t0")
    harness.settle(12)
    runs = [r["run_id"] for r in harness.topics["due-tasks"] if r.get("kind") == "manual"]
    assert len(runs) == len(set(runs)) == 10
    assert sum(key.startswith("run/") for key in harness.stored) == 10
    harness.settle(KEEP_SECONDS + 20)
    assert not any(key.startswith("run/") for key in harness.stored)


def test_a_backfill_runs_each_time_once_at_its_rate() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", HOURLY)
    harness.settle(1)
    asked = {"start": "2026-01-01T02:00:00Z", "end": "2026-01-01T08:00:00Z", "rate": 60}
    harness.send(1, type="backfill", task_id="a", id="b1", **asked)
    harness.send(1, type="backfill", task_id="a", id="b1", **asked)
    harness.send(1, type="backfill", task_id="a", id="b2", times=["2026-01-01T03:00:00Z", "2025-12-31T00:00:07Z"])
    for second in range(2, 14):
        harness.commit(second)
        if second % 3 == 0:
            harness.restart()
    runs = harness.topics["due-background"]
    assert [r["nominal_at"][11:13] for r in runs if r["nominal_at"][8:10] == "01"].count("03") == 2
    assert len({r["run_id"] for r in runs}) == len(runs) == 6 + 2
    assert {r["kind"] for r in runs} == {"backfill"}
    assert {(e["event_id"], e["reason"], e["runs"]) for e in harness.verdicts("backfill.ended")} == {
        ("b1", "done", 6),
        ("b2", "done", 2),
    }


def test_a_backfill_of_the_future_is_refused_and_one_without_its_task_ends() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", HOURLY)
    harness.send(1, type="backfill", task_id="a", start="2026-01-01T00:00:00Z", end="2026-01-02T00:00:00Z")
    harness.send(1, type="backfill", task_id="a", times=["2026-01-01T23:00:00Z"])
    harness.send(1, type="backfill", task_id="a", id="b", start="2026-01-01T00:00:00Z", end="2026-01-01T09:00:00Z")
    harness.commit(2)
    harness.send(2, type="delete", task_id="a")
    harness.settle(3)
    assert [v["errors"][0]["pointer"] for v in harness.verdicts() if v["verdict"] == "rejected"] == ["/end", "/times/0"]
    assert [(e["event_id"], e["reason"]) for e in harness.verdicts("backfill.ended")] == [("b", "deleted")]
    assert not any(key.startswith("backfill/") for key in harness.stored)


def test_a_backfill_of_years_that_are_left_out_searches_once_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    harness, searches = PartitionHarness(), list[int]()

    def counted(schedule: Schedule, after: int) -> Occurrence | NothingUntil:
        searches.append(after)
        return search(schedule, after)

    monkeypatch.setattr(backfills, "search", counted)
    members = [{"cron": "0-58 * * * *"}, {"at": "2026-01-02T11:59:00Z"}]
    left_out = {"any": members, "exclude": ["0-29 * * * *", "30-58 * * * *"]}
    harness.put(0, "a", left_out)
    harness.settle(1)
    harness.send(1, type="backfill", task_id="a", start="2020-01-01T00:00:00Z", end="2026-01-01T12:00:00Z", rate=60_000)
    batches = 0
    while not harness.verdicts("backfill.ended") and batches < 1000:
        before, batches = len(searches), batches + 1
        harness.commit(2 + batches)
        assert len(searches) <= before + 1
    assert harness.verdicts("backfill.ended")[0]["runs"] == 0
    assert len(searches) > 2


def test_two_tasks_may_name_their_backfills_alike() -> None:
    harness = PartitionHarness()
    for name in ("a", "b"):
        harness.put(0, name, HOURLY)
    harness.settle(1)
    asked = {"start": "2026-01-01T02:00:00Z", "end": "2026-01-01T06:00:00Z", "rate": 60}
    for name in ("a", "b"):
        harness.send(1, type="backfill", task_id=name, id="mine", **asked)
    for second in range(2, 9):
        harness.commit(second)
        harness.restart()
    for name in ("a", "b"):
        assert len(harness.fired(name, "due-background")) == 4
    ended = [(e["task_id"], e["event_id"], e["reason"], e["runs"]) for e in harness.verdicts("backfill.ended")]
    assert sorted(ended) == [("a", "mine", "done", 4), ("b", "mine", "done", 4)]
    assert not any(key.startswith("backfill/") for key in harness.stored)


def test_a_backfill_that_is_under_way_is_not_begun_again() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", HOURLY)
    harness.settle(1)
    asked = {"start": "2026-01-01T02:00:00Z", "end": "2026-01-01T08:00:00Z", "rate": 60}
    harness.send(1, type="backfill", task_id="a", id="mine", **asked)
    for second in range(2, 5):
        harness.commit(second)
    for n in range(10):  # more than a task remembers of its events
        harness.send(5, type="trigger", task_id="a", id=f"t{n}")
    harness.send(5, type="backfill", task_id="a", id="mine", **asked)
    for second in range(6, 20):
        harness.commit(second)
    runs = [run["run_id"] for run in harness.topics["due-background"]]
    assert len(runs) == len(set(runs)) == 6
    assert words(harness)[-1] == "superseded"


def test_a_forwarded_event_that_is_older_changes_nothing() -> None:
    harness = PartitionHarness()
    harness.put(5, "a", EVERY_10, name="newer")
    harness.settle(6)
    body = msgspec.json.encode({"type": "put", "task": {"id": "a", "schedule": EVERY_10, "name": "older"}})
    content = parse_event(body, [], None)
    older = AppendPosition((NOON + 3) * 1000, 7, 4)
    batch = harness.scheduler.next_batch((NOON + 7) * 1000, [IncomingEvent(1, older, content, forwarded=True)])
    verdict = msgspec.json.decode(batch.records["verdicts"][0][1] or b"")
    assert (verdict["verdict"], verdict["event_id"]) == ("superseded", "7-4")
