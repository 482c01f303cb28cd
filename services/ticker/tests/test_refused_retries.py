"""Retries that are refused: the run that waits for one is reported as ended, unless its next attempt is known."""

from typing import Any

import pytest

from tasker_ticker.testing.partition_harness import PartitionHarness

EVERY_10 = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}


def with_a_run() -> tuple[PartitionHarness, dict[str, Any]]:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10)
    harness.settle(1)
    harness.tick(10)
    return harness, harness.topics["due-tasks"][0]


def retry_event(run: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"type": "retry", "run": run, "attempt": 2, "retry_at": "2026-01-01T12:00:40Z"} | changes


def attempts(harness: PartitionHarness) -> list[int]:
    """The attempts after the first that were emitted."""
    return [run["attempt"] for run in harness.topics["due-background"] if "attempt" in run]


def ended_runs(harness: PartitionHarness) -> list[tuple[str, int, str, str]]:
    return [(e["run_id"], e["attempt"], e["outcome"], e["reason"]) for e in harness.verdicts("ended")]


@pytest.mark.parametrize(
    ("key", "changes"),
    [(b"b", {}), (None, {"attempt": 3}), (b"a", {"colour": "red"}), (b"b", {"retry_at": "soon"})],
)
def test_a_malformed_one_ends_its_run_once(key: bytes | None, changes: dict[str, Any]) -> None:
    harness, run = with_a_run()
    for _ in range(2):
        harness.append(11, retry_event(run, **changes), key)
        harness.settle(12)
        harness.restart()
    assert [verdict["verdict"] for verdict in harness.verdicts()[1:]] == ["rejected", "rejected"]
    assert ended_runs(harness) == [(run["run_id"], 2, "failed", "refused")]
    harness.append(13, retry_event(run))  # too late: the run has ended, as was reported
    harness.settle(50)
    assert harness.verdicts()[-1]["verdict"] == "superseded"
    assert attempts(harness) == []


@pytest.mark.parametrize("due", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_malformed_one_of_a_run_that_no_ticker_has_emitted_is_answered_and_ends_nothing(due: str) -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10, notify=[{"on": ["failed"], "kafka": {"topic": "x"}}])
    harness.settle(1)
    harness.tick(10)
    (run,) = harness.topics["due-tasks"]
    harness.append(11, retry_event(run | {"effective_at": due}, attempt=3))
    harness.settle(12)
    assert harness.verdicts()[-1]["verdict"] == "rejected"
    assert ended_runs(harness) == []


def test_a_malformed_one_of_an_attempt_that_is_known_ends_nothing() -> None:
    harness, run = with_a_run()
    harness.append(11, retry_event(run))
    harness.append(11, retry_event(run), b"b")
    harness.settle(12)
    harness.settle(40)
    harness.append(41, retry_event(run), b"b")
    harness.settle(42)
    assert ended_runs(harness) == []
    assert attempts(harness) == [2]


def test_one_that_is_repeated_after_it_was_refused_ends_its_run_once() -> None:
    harness, run = with_a_run()
    harness.send(11, type="delete", task_id="a")
    for _ in range(2):
        harness.append(12, retry_event(run))
    harness.settle(13)
    assert [verdict["verdict"] for verdict in harness.verdicts()[-2:]] == ["rejected", "superseded"]
    assert ended_runs(harness) == [(run["run_id"], 2, "cancelled", "deleted")]


def test_one_that_was_forwarded_is_not_outdated_by_a_change_of_its_task() -> None:
    harness, run = with_a_run()
    harness.put(13, "a", EVERY_10, name="changed")
    harness.settle(13)
    harness.append(12, retry_event(run), origin=(7, 4))
    harness.settle(40)
    assert harness.verdicts()[-1]["verdict"] == "accepted"
    assert attempts(harness) == [2]
