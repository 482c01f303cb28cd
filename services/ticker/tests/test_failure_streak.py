"""Failures in a row: what counts, what pauses a task, and that neither repeats, order nor restarts change it."""

from collections.abc import Collection
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.events.task_event import EventOrigin, OutcomeEvent
from tasker_core.messages import RunError
from tasker_ticker.scheduling.memory.failure_streak import MAX_NOTE, MAX_OUT, Row, note
from tasker_ticker.testing.partition_harness import Model

EVERY_10: dict[str, Any] = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}
Body = dict[str, Any]
Outcome = tuple[int, bool]


def model_with(limit: int, **options: Any) -> Model:
    model = Model()
    model.put(0, "a", EVERY_10, max_consecutive_failures=limit, id="made", **options)
    model.settle(0)
    return model


def tell(model: Model, second: float, run: Body, outcome: str, **more: Any) -> None:
    """What an executor tells of a run that has ended."""
    error = {"error": {"kind": "timeout", "message": "no answer within PT1M"}} if outcome == "failed" else {}
    same = {name: run[name] for name in ("task_id", "run_id", "generation", "version", "effective_at")}
    model.send(
        second, **{"type": "outcome", "id": f"outcome/{run['run_id']}", "outcome": outcome} | same | error | more
    )


def ran(model: Model, second: int, *outcomes: str) -> None:
    """Let a run come every ten seconds, and end as told, two seconds after it began."""
    for number, outcome in enumerate(outcomes):
        at = second + 10 * number
        model.tick(at)
        tell(model, at + 2, model.topics["due-tasks"][-1], outcome)
        model.turn(at + 2)


def paused(model: Model) -> bool:
    return model.scheduler.state.tasks["a"].paused


def test_so_many_failures_in_a_row_pause_the_task_and_it_says_why() -> None:
    model = model_with(3)
    ran(model, 10, "failed", "failed", "failed")
    model.tick(80)
    assert model.fired("a") == [10, 20, 30]
    _, verdict = model.told()
    note = "paused after 3 failures in a row; the last one: timeout: no answer within PT1M"
    assert (verdict["event_type"], verdict["verdict"], verdict["actor"]) == ("outcome", "accepted", "tasker")
    assert (verdict["note"], verdict["effective_from"]) == (note, "2026-01-01T12:00:32.000Z")
    assert verdict["task"]["paused"] is True
    assert verdict["task"]["pause"] == {"at": "2026-01-01T12:00:32.000Z", "by": "tasker", "note": note}
    assert "next_at" not in verdict


def test_a_success_begins_anew_and_what_was_cancelled_or_skipped_is_never_told() -> None:
    model = model_with(2)
    ran(model, 10, "failed", "succeeded", "failed", "succeeded", "succeeded", "failed")
    assert not paused(model)
    ran(model, 70, "failed")
    assert paused(model)
    assert [v["event_type"] for v in model.told()] == ["put", "outcome"]


def test_the_count_outlives_every_owner() -> None:
    model = model_with(5)
    for day in range(1, 6):
        assert not paused(model)
        ran(model, 10 * day, "failed")
        model.restart()
    assert paused(model)
    assert "5 failures in a row" in model.told()[-1]["note"]


def test_runs_carry_the_limit_to_their_executor() -> None:
    model = model_with(7)
    model.put(1, "b", EVERY_10)
    model.tick(10)
    limits = {run["task_id"]: run["policy"].get("max_consecutive_failures") for run in model.topics["due-tasks"]}
    assert limits == {"a": 7, "b": None}


def test_a_resume_and_another_definition_begin_anew_and_earlier_runs_count_no_more() -> None:
    model = model_with(2)
    model.tick(20)
    first, second = model.topics["due-tasks"]
    tell(model, 21, first, "failed")
    model.send(22, type="resume", task_id="a")
    tell(model, 23, second, "failed")
    model.settle(24)
    ran(model, 30, "failed")
    assert not paused(model)

    model.put(33, "a", EVERY_10, max_consecutive_failures=2, name="Another")
    model.settle(34)
    ran(model, 40, "failed")
    assert not paused(model)
    ran(model, 50, "failed")
    assert paused(model)
    model.send(53, type="resume", task_id="a")
    model.settle(54)
    ran(model, 60, "failed")
    assert not paused(model)


def test_the_same_definition_once_more_changes_nothing() -> None:
    model = model_with(2)
    ran(model, 10, "failed")
    model.restart()
    model.put(13, "a", EVERY_10, max_consecutive_failures=2, id="again")
    ran(model, 20, "failed")
    assert paused(model)
    stood = model.told()[-1]["task"]["pause"]
    model.restart()
    model.put(23, "a", EVERY_10, max_consecutive_failures=2, name="Still paused")
    model.settle(24)
    assert model.told()[-1]["task"]["pause"] == stood
    model.send(25, type="resume", task_id="a")
    model.settle(26)
    assert "pause" not in model.told()[-1]["task"]


def test_a_pause_by_hand_says_who_and_why_too() -> None:
    model = model_with(2)
    model.send(1, type="pause", task_id="a", note="quarter's end", actor="ada")
    model.settle(1)
    assert model.told()[-1]["task"]["pause"] == {"at": "2026-01-01T12:00:01.000Z", "by": "ada", "note": "quarter's end"}
    model.put(2, "b", EVERY_10, paused=True)
    model.settle(2)
    assert model.told()[-1]["task"]["pause"] == {"at": "2026-01-01T12:00:02.000Z"}


@pytest.mark.parametrize(
    "change",
    [
        {"generation": 77},
        {"task_id": "gone"},
        {"version": 0},
    ],
)
def test_what_is_told_of_another_task_counts_for_nothing(change: Body) -> None:
    model = model_with(1)
    model.tick(10)
    run = model.topics["due-tasks"][-1]
    if change == {"version": 0}:
        model.send(11, type="resume", task_id="a")
        change = {}
    tell(model, 12, run, "failed", **change)
    model.settle(13)
    assert not paused(model)
    assert all(v["event_type"] != "outcome" for v in model.told())


def test_tasks_without_the_limit_and_paused_ones_count_nothing() -> None:
    model = model_with(1)
    model.tick(10)
    run = model.topics["due-tasks"][-1]
    model.put(11, "a", EVERY_10)
    tell(model, 12, run, "failed")
    model.put(13, "a", EVERY_10, max_consecutive_failures=1)
    model.send(14, type="trigger", task_id="a")
    model.send(14, type="pause", task_id="a", note="by hand")
    model.settle(15)
    tell(model, 16, model.topics["due-tasks"][-1], "failed")
    model.settle(17)
    assert [v["event_type"] for v in model.told()] == ["put", "put", "put", "trigger", "pause"]
    assert model.told()[-1]["note"] == "by hand"


def test_a_task_that_is_over_is_not_paused() -> None:
    model = Model()
    model.put(0, "a", {"at": "2026-01-01T12:00:10Z"}, max_consecutive_failures=1)
    ran(model, 10, "failed")
    assert not paused(model)
    assert len(model.told("finished")) == 1


def test_a_triggered_run_counts_and_what_lay_open_is_missed_as_with_any_pause() -> None:
    model = model_with(1, misfire={"policy": "all"})
    model.send(1, type="trigger", task_id="a")
    model.settle(2)
    run = model.topics["due-tasks"][-1]
    tell(model, 60.5, run, "failed")
    model.restart()
    model.settle(100, recovering=True)
    assert paused(model)
    assert model.missed("a") == [(10, 60, "paused")]
    assert model.fired("a", "due-background") == []


def test_outcomes_push_no_event_out_of_what_a_task_remembers() -> None:
    model = model_with(100)
    ran(model, 10, *["failed"] * 12)
    model.put(130, "a", EVERY_10, max_consecutive_failures=100, id="made")
    model.settle(131)
    assert [v["verdict"] for v in model.told()] == ["accepted", "superseded"]
    assert model.scheduler.state.tasks["a"].recent == ("made",)


def test_what_breaks_the_contract_is_rejected() -> None:
    model = model_with(1)
    model.tick(10)
    tell(model, 12, model.topics["due-tasks"][-1], "cancelled")
    model.settle(13)
    (error,) = model.told()[-1]["errors"]
    assert (model.told()[-1]["verdict"], error["pointer"]) == ("rejected", "/outcome")


def test_a_success_is_written_only_when_it_matters() -> None:
    model = model_with(3)
    ran(model, 10, "succeeded", "succeeded", "succeeded")
    assert model.writes["task/a"] == 1  # the put
    model.restart()
    ran(model, 40, "succeeded")
    assert model.writes["task/a"] == 2  # runs of before the restart may be out
    ran(model, 50, "succeeded", "failed", "succeeded", "succeeded")
    assert model.writes["task/a"] == 4
    model.tick(100)
    slow, quick = model.topics["due-tasks"][-2:]
    tell(model, 101, quick, "succeeded")
    model.turn(101)
    assert model.writes["task/a"] == 5
    model.restart()
    for _ in range(2):
        tell(model, 102, slow, "failed")
        model.turn(102)
    assert model.writes["task/a"] == 5
    assert model.scheduler.state.tasks["a"].row is not None


def told(second: int, *, failed: bool) -> OutcomeEvent:
    origin = EventOrigin(event_id=None, event_type="outcome", task_id="a", actor=None, channel="kafka")
    return OutcomeEvent(origin=origin, run_id="r", generation=1, version=1, effective=second, failed=failed)


def in_a_row(outcomes: list[Outcome]) -> list[int]:
    """By the definition: the failures that are newer than every success."""
    last = max((second for second, failed in outcomes if not failed), default=0)
    return [second for second, failed in sorted(outcomes) if failed and second > last]


def after(outcomes: list[Outcome], events: list[Outcome], restarts: Collection[int] = ()) -> list[int]:
    row = Row(1)
    for second, _ in sorted(outcomes):
        row.emitted((second, "r"))
    for number, (second, failed) in enumerate(events):
        if number in restarts:
            row = Row.restored(row.state())
            row.restarted(99)
        row.count(told(second, failed=failed))
    return [second for second, _ in row.failed]


@pytest.mark.parametrize("word", range(32))
def test_the_order_in_which_runs_end_makes_no_difference(word: int) -> None:
    outcomes = [(second, bool(word >> (second - 1) & 1)) for second in range(1, 6)]
    for events in permutations(outcomes):
        assert after(outcomes, list(events)) == in_a_row(outcomes), events


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.data())
def test_nor_do_repeats_and_restarts(failed: list[bool], data: st.DataObject) -> None:
    outcomes = [(second, one) for second, one in enumerate(failed, 1)]
    events = data.draw(st.permutations(outcomes)) + data.draw(st.lists(st.sampled_from(outcomes), max_size=12))
    mixed = data.draw(st.permutations(events))
    restarts = data.draw(st.sets(st.integers(0, len(mixed)), max_size=3))
    assert after(outcomes, list(mixed), restarts) == in_a_row(outcomes)


def test_runs_whose_end_is_never_told_take_no_more_room_than_a_few() -> None:
    row = Row(1)
    for second in range(1, 10 * MAX_OUT):
        row.emitted((second, "r"))
        assert len(row.out) <= MAX_OUT
    assert row.count(told(10 * MAX_OUT, failed=False))
    assert not row.count(told(5, failed=True))


def test_the_note_is_short_and_plain() -> None:
    last = told(1, failed=True)
    assert note(1, last) == "paused after a failure"
    assert note(2, last) == "paused after 2 failures in a row; the last one"
    long = OutcomeEvent(
        origin=last.origin,
        run_id="r",
        generation=1,
        version=1,
        effective=1,
        failed=True,
        error=RunError("x", "y" * 5000),
    )
    assert len(note(3, long)) == MAX_NOTE
