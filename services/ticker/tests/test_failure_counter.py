"""The count of failures in a row by itself: neither the order of outcomes, repeats nor restarts change it."""

from collections.abc import Collection
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.events.event_origin import EventOrigin
from tasker_core.events.task_event import OutcomeEvent
from tasker_core.messages.runs import Outcome as Word
from tasker_core.messages.runs import RunError
from tasker_ticker.scheduling.memory.failure_streak import MAX_NOTE, MAX_UNFINISHED, FailureCounter, pause_note

Outcome = tuple[int, bool]


def outcome_event(second: int, *, failed: bool) -> OutcomeEvent:
    outcome: Word = "failed" if failed else "succeeded"
    origin = EventOrigin(event_id=None, event_type="outcome", task_id="a", actor=None, channel="kafka")
    return OutcomeEvent(origin=origin, run_id="r", generation=1, version=1, effective=second, outcome=outcome)


def failures_in_a_row(outcomes: list[Outcome]) -> list[int]:
    """By the definition: the failures that are newer than every success."""
    last = max((second for second, failed in outcomes if not failed), default=0)
    return [second for second, failed in sorted(outcomes) if failed and second > last]


def after(outcomes: list[Outcome], events: list[Outcome], restarts: Collection[int] = ()) -> list[int]:
    counter = FailureCounter(1)
    for second, _ in sorted(outcomes):
        counter.add_run((second, "r"))
    for number, (second, failed) in enumerate(events):
        if number in restarts:
            counter = FailureCounter.restored(counter.to_state())
            counter.mark_restart(99)
        counter.count(outcome_event(second, failed=failed))
    return [second for second, _ in counter.failed]


@pytest.mark.parametrize("bits", range(32))
def test_the_order_in_which_runs_end_makes_no_difference(bits: int) -> None:
    outcomes = [(second, bool(bits >> (second - 1) & 1)) for second in range(1, 6)]
    for events in permutations(outcomes):
        assert after(outcomes, list(events)) == failures_in_a_row(outcomes), events


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.data())
def test_nor_do_repeats_and_restarts(failed: list[bool], data: st.DataObject) -> None:
    outcomes = [(second, one) for second, one in enumerate(failed, 1)]
    events = data.draw(st.permutations(outcomes)) + data.draw(st.lists(st.sampled_from(outcomes), max_size=12))
    mixed = data.draw(st.permutations(events))
    restarts = data.draw(st.sets(st.integers(0, len(mixed)), max_size=3))
    assert after(outcomes, list(mixed), restarts) == failures_in_a_row(outcomes)


def test_runs_whose_outcome_is_never_reported_take_no_more_memory_than_a_few() -> None:
    counter = FailureCounter(1)
    for second in range(1, 10 * MAX_UNFINISHED):
        counter.add_run((second, "r"))
        assert len(counter.unfinished) <= MAX_UNFINISHED
    assert counter.count(outcome_event(10 * MAX_UNFINISHED, failed=False))
    assert not counter.count(outcome_event(5, failed=True))


def test_the_note_is_short_and_plain() -> None:
    last = outcome_event(1, failed=True)
    assert pause_note(1, last) == "paused after a failure"
    assert pause_note(2, last) == "paused after 2 failures in a row; the last one"
    long = OutcomeEvent(
        origin=last.origin,
        run_id="r",
        generation=1,
        version=1,
        effective=1,
        outcome="failed",
        error=RunError("x", "y" * 5000),
    )
    assert len(pause_note(3, long)) == MAX_NOTE
