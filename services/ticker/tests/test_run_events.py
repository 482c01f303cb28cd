"""Retries, cancels and backfills, by example, through the whole scheduler."""

from typing import Any

import msgspec

from tasker_core.events.forwarding import AppendPosition
from tasker_core.events.task_event import parse_event
from tasker_core.messages import decode_run
from tasker_ticker.scheduling.memory.run_memory import KEEP_SECONDS
from tasker_ticker.scheduling.scheduler import Incoming
from tasker_ticker.testing.partition_harness import NOON, Model

EVERY_10 = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}
HOURLY = {"every": "PT1H", "anchor": "2026-01-01T00:00:00Z"}


def retry(model: Model, appended: float, run: dict[str, Any], attempt: int, at: str) -> None:
    before = run | {"attempt": attempt - 1}
    model.send(appended, type="retry", run=before, attempt=attempt, retry_at=f"2026-01-01T12:00:{at}Z")


def words(model: Model) -> list[str]:
    return [told["verdict"] for told in model.told()]


def attempts(model: Model) -> list[tuple[int, int]]:
    """(attempt, second emitted) of the background lane."""
    return [(run.get("attempt", 1), int(run["emitted_at"][17:19])) for run in model.topics["due-background"]]


def with_a_run() -> tuple[Model, dict[str, Any]]:
    model = Model()
    model.put(0, "a", EVERY_10)
    model.settle(1)
    model.tick(10)
    return model, model.topics["due-tasks"][0]


def test_a_retry_comes_when_it_is_due_and_once() -> None:
    model, run = with_a_run()
    retry(model, 11, run, 2, "15")
    retry(model, 11, run, 2, "15")
    model.tick(13)
    model.restart()
    model.tick(20)
    retry(model, 21, run, 2, "30")
    retry(model, 21, run, 3, "23")
    model.tick(30)
    assert attempts(model) == [(2, 15), (3, 23)]
    assert words(model)[1:] == ["accepted", "superseded", "superseded", "accepted"]
    again = model.topics["due-background"][0]
    assert {k: v for k, v in again.items() if k not in ("attempt", "emitted_at")} == {
        k: v for k, v in run.items() if k != "emitted_at"
    }
    assert decode_run(msgspec.json.encode(again)).run_id == run["run_id"]


def test_a_cancelled_or_orphaned_retry_ends_with_a_word() -> None:
    model, run = with_a_run()
    retry(model, 11, run, 2, "40")
    model.send(12, type="cancel", task_id="a", run_id=run["run_id"])
    retry(model, 13, run, 3, "40")
    model.settle(14)
    assert [(e["attempt"], e["outcome"], e["reason"]) for e in model.told("ended")] == [
        (2, "cancelled", "cancelled"),
        (3, "cancelled", "cancelled"),
    ]
    cancels = [r for lane in ("due-tasks", "due-background") for r in model.topics[lane] if r["type"] == "cancel"]
    assert cancels == [{"type": "cancel", "task_id": "a", "run_id": run["run_id"]}] * 2
    assert words(model)[1:] == ["accepted", "accepted", "rejected"]

    model.tick(20)
    second = model.topics["due-tasks"][-1]
    retry(model, 21, second, 2, "50")
    model.send(22, type="delete", task_id="a")
    retry(model, 23, second, 3, "50")
    model.settle(60)
    assert [e["reason"] for e in model.told("ended")][2:] == ["deleted", "deleted"]
    assert all(r["type"] == "cancel" for r in model.topics["due-background"])


def test_a_cancel_of_all_runs_names_none() -> None:
    model, run = with_a_run()
    retry(model, 11, run, 2, "40")
    model.send(12, type="cancel", task_id="a")
    model.settle(13)
    assert model.topics["due-background"] == [{"type": "cancel", "task_id": "a"}]
    assert len(model.told("ended")) == 1


def test_triggers_are_known_for_a_day() -> None:
    model, _ = with_a_run()
    model.send(11, type="trigger", task_id="a", id="t0")
    for n in range(10):  # more than a task remembers of its events
        model.send(11, type="trigger", task_id="a", id=f"t{n}")
    model.send(11, type="trigger", task_id="a", id="t0")
    model.settle(12)
    runs = [r["run_id"] for r in model.topics["due-tasks"] if r.get("kind") == "manual"]
    assert len(runs) == len(set(runs)) == 10
    assert sum(key.startswith("run/") for key in model.memory) == 10
    model.settle(KEEP_SECONDS + 20)
    assert not any(key.startswith("run/") for key in model.memory)


def test_a_backfill_runs_each_time_once_at_its_rate() -> None:
    model = Model()
    model.put(0, "a", HOURLY)
    model.settle(1)
    asked = {"start": "2026-01-01T02:00:00Z", "end": "2026-01-01T08:00:00Z", "rate": 60}
    model.send(1, type="backfill", task_id="a", id="b1", **asked)
    model.send(1, type="backfill", task_id="a", id="b1", **asked)
    model.send(1, type="backfill", task_id="a", id="b2", times=["2026-01-01T03:00:00Z", "2025-12-31T00:00:07Z"])
    for second in range(2, 14):
        model.turn(second)
        if second % 3 == 0:
            model.restart()
    runs = model.topics["due-background"]
    assert [r["nominal_at"][11:13] for r in runs if r["nominal_at"][8:10] == "01"].count("03") == 2
    assert len({r["run_id"] for r in runs}) == len(runs) == 6 + 2
    assert {r["kind"] for r in runs} == {"backfill"}
    assert {(e["event_id"], e["reason"], e["runs"]) for e in model.told("backfill.ended")} == {
        ("b1", "done", 6),
        ("b2", "done", 2),
    }


def test_a_backfill_of_the_future_is_refused_and_one_without_its_task_ends() -> None:
    model = Model()
    model.put(0, "a", HOURLY)
    model.send(1, type="backfill", task_id="a", start="2026-01-01T00:00:00Z", end="2026-01-02T00:00:00Z")
    model.send(1, type="backfill", task_id="a", times=["2026-01-01T23:00:00Z"])
    model.send(1, type="backfill", task_id="a", id="b", start="2026-01-01T00:00:00Z", end="2026-01-01T09:00:00Z")
    model.turn(2)
    model.send(2, type="delete", task_id="a")
    model.settle(3)
    assert [v["errors"][0]["pointer"] for v in model.told() if v["verdict"] == "rejected"] == ["/end", "/times/0"]
    assert [(e["event_id"], e["reason"]) for e in model.told("backfill.ended")] == [("b", "deleted")]
    assert not any(key.startswith("backfill/") for key in model.memory)


def test_two_tasks_may_name_their_backfills_alike() -> None:
    model = Model()
    for name in ("a", "b"):
        model.put(0, name, HOURLY)
    model.settle(1)
    asked = {"start": "2026-01-01T02:00:00Z", "end": "2026-01-01T06:00:00Z", "rate": 60}
    for name in ("a", "b"):
        model.send(1, type="backfill", task_id=name, id="mine", **asked)
    for second in range(2, 9):
        model.turn(second)
        model.restart()
    for name in ("a", "b"):
        assert len(model.fired(name, "due-background")) == 4
    ended = [(e["task_id"], e["event_id"], e["reason"], e["runs"]) for e in model.told("backfill.ended")]
    assert sorted(ended) == [("a", "mine", "done", 4), ("b", "mine", "done", 4)]
    assert not any(key.startswith("backfill/") for key in model.memory)


def test_a_backfill_that_is_under_way_is_not_begun_again() -> None:
    model = Model()
    model.put(0, "a", HOURLY)
    model.settle(1)
    asked = {"start": "2026-01-01T02:00:00Z", "end": "2026-01-01T08:00:00Z", "rate": 60}
    model.send(1, type="backfill", task_id="a", id="mine", **asked)
    for second in range(2, 5):
        model.turn(second)
    for n in range(10):  # more than a task remembers of its events
        model.send(5, type="trigger", task_id="a", id=f"t{n}")
    model.send(5, type="backfill", task_id="a", id="mine", **asked)
    for second in range(6, 20):
        model.turn(second)
    runs = [run["run_id"] for run in model.topics["due-background"]]
    assert len(runs) == len(set(runs)) == 6
    assert words(model)[-1] == "superseded"


def test_a_forwarded_event_that_is_older_changes_nothing() -> None:
    model = Model()
    model.put(5, "a", EVERY_10, name="newer")
    model.settle(6)
    body = msgspec.json.encode({"type": "put", "task": {"id": "a", "schedule": EVERY_10, "name": "older"}})
    content = parse_event(body, [], None)
    older = AppendPosition((NOON + 3) * 1000, 7, 4)
    turn = model.scheduler.turn((NOON + 7) * 1000, [Incoming(1, older, content, forwarded=True)])
    told = msgspec.json.decode(turn.records["verdicts"][0][1] or b"")
    assert (told["verdict"], told["event_id"]) == ("superseded", "7-4")
