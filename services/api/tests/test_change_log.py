"""What is kept of changes, and what of it somebody hears: nothing that is missed, bounded."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tasker_api.changes import change_hints, change_log
from tasker_api.changes.change_hints import KINDS, MAX_ENTRIES, MAX_LISTED, ChangeFilter, ChangeHints
from tasker_api.changes.change_log import ChangeLog, Position, parse_position
from tasker_api.changes.subscription import Subscription

ALL = ChangeFilter()
RUNS_OF_A = ChangeFilter(frozenset({"runs"}), frozenset({"a"}))
names = st.text("abc", min_size=1, max_size=2)


def told(changes: ChangeHints, wanted: ChangeFilter = ALL) -> dict[str, Any]:
    return json.loads(changes.text(wanted) or "{}")


def run_of(task_id: str | None, *runs: str) -> ChangeHints:
    found = ChangeHints()
    for run in runs:
        found.add("runs", task_id, run)
    return found


def test_a_hint_names_what_to_read_again() -> None:
    changes = run_of("a", "r1", "r2")
    changes.add("tasks", "b", "b")
    changes.add("missed", "a", "a/x")
    changes.add("journal", "b", "e-1")
    assert told(changes) == {
        "tasks": {"task_ids": ["b"], "more": False},
        "runs": {"task_ids": ["a"], "more": False, "ids": ["r1", "r2"]},
        "missed": {"task_ids": ["a"], "more": False},
        "journal": {"task_ids": ["b"], "more": False, "ids": ["e-1"]},
    }
    assert told(changes, RUNS_OF_A) == {"runs": {"task_ids": ["a"], "more": False, "ids": ["r1", "r2"]}}
    assert changes.text(ChangeFilter(KINDS, frozenset({"c"}))) is None
    assert changes.text(ChangeFilter(frozenset({"system"}))) is None


def test_calendars_are_named_and_bounded() -> None:
    changes, later = ChangeHints(), ChangeHints()
    for name in ("b", "a", "b"):
        changes.add_calendar(name)
    assert told(changes) == {"calendars": {"names": ["a", "b"], "more": False}}
    assert (told(changes, RUNS_OF_A), changes.size) == ({}, 2)
    for number in range(MAX_LISTED + 1):
        later.add_calendar(f"c{number:03}")
    assert told(later)["calendars"]["more"]
    merged = ChangeHints()
    merged.merge(changes)
    merged.merge(later)
    assert (len(told(merged)["calendars"]["names"]), told(merged)["calendars"]["more"]) == (MAX_LISTED, True)


def test_what_is_about_an_unknown_task_may_be_about_any_and_is_named_to_those_who_hear_of_all() -> None:
    changes = run_of(None, "r")
    assert told(changes) == {"runs": {"task_ids": [], "more": True, "ids": ["r"]}}
    assert told(changes, RUNS_OF_A) == {"runs": {"task_ids": [], "more": True, "ids": []}}
    changes.merge(run_of("a", "ra"))
    assert told(changes, RUNS_OF_A) == {"runs": {"task_ids": ["a"], "more": True, "ids": ["ra"]}}


def test_lists_are_bounded_and_say_that_there_is_more() -> None:
    changes = run_of("a", *(f"r{n:05}" for n in range(MAX_LISTED + 1)))
    entry = told(changes)["runs"]
    assert (len(entry["ids"]), entry["more"]) == (MAX_LISTED, True)
    for n in range(2 * MAX_ENTRIES):
        changes.add("runs", f"t{n}", f"r{n}")
    assert changes.size == MAX_ENTRIES
    assert told(changes, ChangeFilter(KINDS, frozenset({"unlisted"})))["runs"]["more"]


@given(
    st.lists(st.lists(st.tuples(names, names), max_size=4), max_size=30),
    st.lists(st.integers(0, 30), max_size=10),
    st.sampled_from([3, 10**6]),
)
def test_who_listens_hears_all_of_his_tasks_or_that_something_is_lost(
    batches: list[list[tuple[str, str]]], takes: list[int], kept: int
) -> None:
    log, subscription = ChangeLog(Position(0, 0)), Subscription(ChangeFilter(KINDS, frozenset({"a"})))
    subscription.place(log, Position(0, 0), resumed=True)
    heard, happened = set[str](), set[str]()
    before, change_log.MAX_CHANGES = change_log.MAX_CHANGES, kept  # pyright: ignore[reportConstantRedefinition]
    try:
        for number, batch in enumerate(batches, 1):
            changes = ChangeHints()
            for task_id, run in batch:
                changes.add("runs", task_id, run)
            log.append(Position(number, 0), changes)
            happened |= {run for task_id, run in batch if task_id == "a"}
            if number in takes and (taken := subscription.take()) is not None:
                heard |= set(told(taken, subscription.wanted).get("runs", {"ids": []})["ids"])
        if (taken := subscription.take()) is not None:
            heard |= set(told(taken, subscription.wanted).get("runs", {"ids": []})["ids"])
    finally:
        change_log.MAX_CHANGES = before  # pyright: ignore[reportConstantRedefinition]
    assert heard == happened or subscription.reset


@given(st.lists(st.integers(1, 4), min_size=1, max_size=20), st.integers(0, 20), st.integers(1, 20))
def test_a_resumed_one_hears_everything_from_his_position_on(steps: list[int], seen: int, max_batches: int) -> None:
    log, position, positions = ChangeLog(Position(1, 0)), Position(1, 0), list[Position]()
    before, change_log.MAX_BATCHES = change_log.MAX_BATCHES, max_batches  # pyright: ignore[reportConstantRedefinition]
    try:
        for number, step in enumerate(steps):
            position = Position(position.seconds + step // 4, position.increment + step % 4)
            positions.append(position)
            log.append(position, run_of("a", f"r{number}"))
    finally:
        change_log.MAX_BATCHES = before  # pyright: ignore[reportConstantRedefinition]
    last = positions[min(seen, len(positions) - 1)]
    wanted = {f"r{n}" for n, at in enumerate(positions) if at >= last}
    if not log.covers(last):
        assert len(steps) > max_batches
        return
    subscription = Subscription(ALL)
    subscription.place(log, last, resumed=True)
    taken = subscription.take()
    assert taken is not None
    assert set(taken.documents["runs"]["a"]) == wanted
    assert subscription.take() is None
    assert subscription.position == position


def test_one_who_falls_behind_what_is_kept_is_told_so() -> None:
    log, slow = ChangeLog(Position(1, 0)), Subscription(ALL)
    slow.place(log, Position(1, 0), resumed=False)
    for n in range(1, change_log.MAX_BATCHES + 2):
        log.append(Position(1, n), run_of("a", f"r{n}"))
    assert slow.take() is None
    assert slow.reset
    assert slow.position == log.end


def test_one_whose_last_batch_was_the_last_that_is_dropped_has_missed_nothing() -> None:
    log, one = ChangeLog(Position(1, 0)), Subscription(ALL)
    one.place(log, Position(1, 0), resumed=False)
    log.append(Position(1, 1), run_of("a", "r1"))
    assert one.take() is not None
    for n in range(2, change_log.MAX_BATCHES + 2):
        log.append(Position(1, n), run_of("a", f"r{n}"))
    taken = one.take()
    assert not one.reset
    assert taken is not None
    assert taken.size == change_log.MAX_BATCHES


def test_ids_of_events_are_positions() -> None:
    assert parse_position(Position(1_764_339_234, 17).text) == Position(1_764_339_234, 17)
    for text in ("", "17", "x-1", "1-2-3", "-1-2", "1" * 11 + "-1", "١-1 "):
        assert parse_position(text) is None, text


def test_what_a_batch_says_is_written_once_for_all_who_want_the_same() -> None:
    changes = run_of("a", "r1")
    assert changes.text(ALL) is changes.text(ChangeFilter())
    assert change_hints.MAX_LISTED < change_hints.MAX_ENTRIES
