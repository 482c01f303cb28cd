"""How runs ended, and failures in a row, whatever is known first: held against a plain count of all runs."""

from collections.abc import Sequence
from functools import reduce
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasker_core.documents.tasks import MAX_FAILURES
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.projection.tasks.run_outcomes import RunOutcomes, outcomes_of, run_position, stored_outcomes
from tasker_log_sink.projection.tasks.task_updates import unknown_task
from tasker_log_sink.testing.messages import finished

Ran = tuple[int, int, bool]
"""Generation, position, whether it failed."""
runs = st.lists(st.tuples(st.integers(1, 2), st.integers(1, 300), st.booleans()), unique_by=lambda run: run[:2])


def outcomes(run: Ran) -> RunOutcomes:
    generation, position, failed = run
    if failed:
        return RunOutcomes(generation, position, "failed", 0, (position,))
    return RunOutcomes(generation, position, "succeeded", position)


def counted(found: Sequence[Ran]) -> int:
    """One by one, the newest first."""
    count, newest_generation = 0, max(generation for generation, _, _ in found)
    for generation, _, failed in sorted(found, reverse=True):
        if generation == newest_generation:
            if not failed:
                break
            count += 1
    return min(count, MAX_FAILURES)


@settings(max_examples=300)
@given(runs.filter(bool), st.data())
def test_any_order_any_grouping_and_any_repetition_count_the_same(found: list[Ran], data: st.DataObject) -> None:
    parts = [outcomes(run) for run in data.draw(st.permutations(found + data.draw(st.lists(st.sampled_from(found)))))]
    cut = data.draw(st.integers(0, len(parts)))
    groups = [reduce(RunOutcomes.merged, group) for group in (parts[:cut], parts[cut:]) if group]
    whole = reduce(RunOutcomes.merged, groups)
    assert len(whole.failed) == counted(found)
    task = unknown_task("t")
    whole.set_in(task)
    assert stored_outcomes(task) == whole == reduce(RunOutcomes.merged, parts)
    newest = max(found)
    assert (task["ended_of"], task["last_outcome"]) == ([*newest[:2]], "failed" if newest[2] else "succeeded")


@given(st.integers(0, 250), st.integers(0, 249), st.randoms())
def test_no_more_than_the_newest_are_known_and_a_late_success_still_ends_those_before_it(
    failures: int, success: int, chance: Any
) -> None:
    found = [(1, 2 * n + 1, True) for n in range(failures)] + [(1, 2 * success, False)]
    chance.shuffle(found)
    assert len(reduce(RunOutcomes.merged, map(outcomes, found)).failed) == counted(found)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"outcome": "failed"}, ("failed", 0, 1)),
        ({"outcome": "succeeded"}, ("succeeded", 1, 0)),
        ({"outcome": "failed", "kind": "manual"}, ("failed", 0, 1)),
        ({"outcome": "failed", "kind": "backfill"}, ("failed", 0, 0)),
        ({"outcome": "failed", "retry_at": "2026-01-01T12:01:00.000Z"}, None),
        ({"outcome": "cancelled"}, ("cancelled", 0, 0)),
        ({"outcome": "skipped"}, ("skipped", 0, 0)),
    ],
)
def test_what_counts(fields: dict[str, Any], expected: tuple[str, int, int] | None) -> None:
    run = decode_record("results", finished("ab" * 16, "t", 3, 20, **fields)).run
    assert run is not None
    found = outcomes_of(run)
    assert (None if found is None else (found.outcome, int(found.after > 0), len(found.failed))) == expected


def test_positions_follow_the_log() -> None:
    ids = [f"{n:032x}" for n in (0, 2**101, 2**127, 2**128 - 1)]
    found = [run_position(second * 1000, one) for second in (0, 1, 1_800_000_000, 16_725_225_600) for one in ids]
    assert found == sorted(set(found))
    assert found[-1] < 2**63
    assert run_position(1000, "no id of ours") != run_position(1000, "another one")
