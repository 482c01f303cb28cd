"""Retries that are refused: the run that waits for one ends with a word, unless its next attempt is known."""

from typing import Any

import pytest

from tasker_ticker.testing.partition_harness import Model

EVERY_10 = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}


def with_a_run() -> tuple[Model, dict[str, Any]]:
    model = Model()
    model.put(0, "a", EVERY_10)
    model.settle(1)
    model.tick(10)
    return model, model.topics["due-tasks"][0]


def asked(run: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"type": "retry", "run": run, "attempt": 2, "retry_at": "2026-01-01T12:00:40Z"} | changes


def again(model: Model) -> list[int]:
    """The attempts after the first that were emitted."""
    return [run["attempt"] for run in model.topics["due-background"] if "attempt" in run]


def endings(model: Model) -> list[tuple[str, int, str, str]]:
    return [(e["run_id"], e["attempt"], e["outcome"], e["reason"]) for e in model.told("ended")]


@pytest.mark.parametrize(
    ("key", "changes"),
    [(b"b", {}), (None, {"attempt": 3}), (b"a", {"colour": "red"}), (b"b", {"retry_at": "soon"})],
)
def test_a_malformed_one_ends_its_run_once(key: bytes | None, changes: dict[str, Any]) -> None:
    model, run = with_a_run()
    for _ in range(2):
        model.append(11, asked(run, **changes), key)
        model.settle(12)
        model.restart()
    assert [told["verdict"] for told in model.told()[1:]] == ["rejected", "rejected"]
    assert endings(model) == [(run["run_id"], 2, "failed", "refused")]
    model.append(13, asked(run))  # too late: the run has ended, as everybody was told
    model.settle(50)
    assert model.told()[-1]["verdict"] == "superseded"
    assert again(model) == []


def test_a_malformed_one_of_an_attempt_that_is_known_ends_nothing() -> None:
    model, run = with_a_run()
    model.append(11, asked(run))
    model.append(11, asked(run), b"b")
    model.settle(12)
    model.settle(40)
    model.append(41, asked(run), b"b")
    model.settle(42)
    assert endings(model) == []
    assert again(model) == [2]


def test_one_that_is_repeated_after_it_was_refused_ends_its_run_once() -> None:
    model, run = with_a_run()
    model.send(11, type="delete", task_id="a")
    for _ in range(2):
        model.append(12, asked(run))
    model.settle(13)
    assert [told["verdict"] for told in model.told()[-2:]] == ["rejected", "superseded"]
    assert endings(model) == [(run["run_id"], 2, "cancelled", "deleted")]


def test_one_that_was_sent_on_is_not_outdated_by_a_change_of_its_task() -> None:
    model, run = with_a_run()
    model.put(13, "a", EVERY_10, name="changed")
    model.settle(13)
    model.append(12, asked(run), sent_on=(7, 4))
    model.settle(40)
    assert model.told()[-1]["verdict"] == "accepted"
    assert again(model) == [2]
