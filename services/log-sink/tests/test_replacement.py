"""What stands in place of a document that says something else than Kafka."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tasker_core.time.instant import to_ms
from tasker_log_sink.projection.tasks.run_outcomes import RunOutcomes, run_position
from tasker_log_sink.projection.tasks.task_definition import unknown_definition
from tasker_log_sink.projection.tasks.task_updates import unknown_task
from tasker_log_sink.rebuild.replacement import replacement

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def run(**changes: Any) -> dict[str, Any]:
    return {"_id": "r", "state": "succeeded", "effective_at": NOON, "logged_at": NOON + HOUR} | changes


def task(**changes: Any) -> dict[str, Any]:
    known = {"generation": 1, "version": 2, "created_at": NOON, "updated_at": NOON, "deleted": False}
    return {**unknown_task("t"), **unknown_definition(), **known, **changes}


def test_when_it_was_logged_is_no_difference() -> None:
    assert replacement("runs", run(), run(logged_at=NOON), None) is None
    assert replacement("runs", run(state="failed"), run(logged_at=NOON), None) == run()


def test_a_run_whose_first_reports_may_be_gone_is_kept() -> None:
    assert replacement("runs", run(state="failed"), run(), NOON) is None
    assert replacement("runs", run(state="failed"), run(), NOON - HOUR) is not None


def test_a_task_keeps_what_is_older_than_all_records() -> None:
    last_run = {"run_id": "r", "effective_at": NOON - HOUR}
    shown = task(created_at=NOON - HOUR, last_run=last_run, last_of=[1, 1, "r", 1], name="wrong")
    new = replacement("tasks", shown, task(name="right"), NOON)
    assert new == task(created_at=NOON - HOUR, last_run=last_run, last_of=[1, 1, "r", 1], name="right")
    new = replacement("tasks", shown, task(), NOON - 2 * HOUR)
    assert new is not None
    assert new["last_run"] is None  # Kafka would know of such a run


def test_failures_older_than_all_records_are_counted_with_the_newer_ones() -> None:
    def after(*hours: int) -> dict[str, Any]:
        """A task whose runs of these hours failed, and none succeeded."""
        runs = tuple(run_position(to_ms(NOON + hour * HOUR), "a" * 32) for hour in hours)
        found = task()
        outcome = "failed" if runs else None
        RunOutcomes(1, runs[-1] if runs else 0, outcome, 0, runs).set_in(found)  # pyright: ignore[reportArgumentType]
        return found

    kept_since = NOON - HOUR
    assert replacement("tasks", after(-3, -2, 0), after(0), kept_since) is None
    assert replacement("tasks", after(-3, -2, 0), after(0, 1), kept_since) == after(-3, -2, 0, 1)
    assert replacement("tasks", after(-2, 0), after(), kept_since) == after(-2), "Kafka would know of the newer one"
    assert replacement("tasks", after(-3, -2, 0), after(0), None) == after(0)


def test_a_revision_that_a_verdict_told_of_is_not_replaced_by_what_the_ticker_holds() -> None:
    shown = {"_id": "t/3", "source": "verdict", "finished": None, "superseded_at": None, "logged_at": NOON}
    held = shown | {"source": "snapshot", "actor": None}
    assert replacement("revisions", shown, held, None) is None
    assert replacement("revisions", held, shown, None) == shown
    over = shown | {"finished": {"reason": "once", "last_nominal": NOON}}
    assert replacement("revisions", over, shown, None) is None
    assert replacement("revisions", shown | {"superseded_at": NOON}, shown, None) == shown
