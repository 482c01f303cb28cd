"""For tests: tasks that tell somebody, how their runs end, and what was told."""

from typing import Any

from tasker_ticker.testing.partition_harness import PartitionHarness

HOOK: dict[str, Any] = {"webhook": {"url": "https://hooks.example.com/x"}}


def on(*words: str, **more: Any) -> dict[str, Any]:
    """An entry of `notify` with a webhook."""
    return {"on": words, **HOOK, **more}


def report(harness: PartitionHarness, second: float, run: dict[str, Any], outcome: str, **more: Any) -> None:
    """Let an executor report the outcome of a run."""
    harness.send(second, **outcome_event(run, outcome) | more)
    harness.commit(second)


def outcome_event(run: dict[str, Any], outcome: str) -> dict[str, Any]:
    """What an executor reports when a run ends."""
    error = {"error": {"kind": "timeout", "message": "no answer within PT1M"}} if outcome == "failed" else {}
    same = {name: run[name] for name in ("task_id", "run_id", "generation", "version", "effective_at")}
    return {"type": "outcome", "id": f"outcome/{run['run_id']}", "outcome": outcome} | same | error


def runs_of(harness: PartitionHarness) -> list[dict[str, Any]]:
    """The runs of tasks, without those that tell somebody."""
    return [one for lane in ("due-tasks", "due-background") for one in harness.topics[lane] if not is_alert(one)]


def alerts(harness: PartitionHarness) -> list[dict[str, Any]]:
    """The messages that were sent."""
    found = [run["payload"] for run in harness.topics["due-background"] if is_alert(run)]
    return [payload.get("body", payload.get("value")) for payload in found]


def changes(harness: PartitionHarness) -> list[dict[str, Any]]:
    """All changes that are listed in messages, in their order."""
    return [change for message in alerts(harness) for change in message["changes"]]


def is_alert(run: dict[str, Any]) -> bool:
    """Whether a run tells somebody of tasks."""
    return run.get("kind") == "alert"
