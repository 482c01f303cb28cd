"""What a life had to run, against the ticker's own handover of definitions, and by example."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tasker_cli.verify.enumeration.calendar_versions import CalendarVersions
from tasker_cli.verify.instants import instant_text, whole_seconds
from tasker_cli.verify.lives.due_pieces import DuePieces
from tasker_cli.verify.lives.task_life import TaskLife
from tasker_cli.verify.reading.records import VerdictRecord
from tasker_core.schedules.effective_schedule import EffectiveSchedule, hand_over
from tasker_core.schedules.occurrences import Occurrence, offset_of
from tasker_core.schedules.schedule import NEVER, Schedule

FROM, LAST = 1_767_268_800, 600
TASK = "t"
parse = TypeAdapter[Schedule](Schedule).validate_python
Written = dict[str, Any]
Edit = tuple[int, Written | None, bool]
"""Second, schedule (None: deleted), paused."""


def verdict(
    n: int, schedule: Written | None, event: str = "put", *, paused: bool = False, **more: Any
) -> VerdictRecord:
    task = None if schedule is None else {"schedule": schedule, "paused": paused}
    at: dict[str, Any] = {"generation": 1, "version": 1 + n, "effective_from": instant_text(FROM + n)} | more
    return VerdictRecord("verdict", TASK, event_type=event, verdict="accepted", task=task, **at)


def due(*verdicts: VerdictRecord, last: int = LAST, paused: bool = False) -> list[int]:
    """Nominal seconds, counted from FROM, of what had to run (or, `paused`, had not)."""
    life = TaskLife(TASK)
    for one in verdicts:
        life.apply(one, 0)
    pieces = DuePieces(FROM, FROM + last, CalendarVersions()).of(life)
    return sorted(n - FROM for piece in pieces if piece.definition.paused is paused for n in piece.nominals)


EVERY: Written = {"every": "PT10S", "anchor": instant_text(FROM)}


def test_it_is_due_behind_its_creation_up_to_its_delete() -> None:
    assert due(verdict(0, EVERY), verdict(20, None, "delete")) == [10, 20]
    again = verdict(25, EVERY, generation=9, version=9)
    assert due(verdict(0, EVERY), verdict(20, None, "delete"), again, last=40) == [10, 20, 30, 40]


def test_a_pause_by_anybody_is_known_by_the_task() -> None:
    life = [verdict(0, EVERY), verdict(15, EVERY, "outcome", paused=True), verdict(35, EVERY, "resume")]
    assert due(*life, last=60) == [10, 40, 50, 60]
    assert due(*life, last=60, paused=True) == [20, 30]


def test_other_events_change_nothing() -> None:
    rejected = VerdictRecord(
        "verdict", TASK, event_type="delete", verdict="rejected", effective_from=instant_text(FROM)
    )
    trigger = verdict(5, EVERY, "trigger", run_id="f" * 32)
    assert due(verdict(0, EVERY), rejected, trigger, verdict(7, None, "cancel"), last=20) == [10, 20]


def test_what_was_before_the_first_verdict_that_is_kept_is_unknown() -> None:
    assert due(verdict(15, EVERY, "resume", version=9), last=30) == [20, 30]


def test_an_instant_that_is_over_when_its_task_is_made_runs_at_once() -> None:
    assert due(verdict(30, {"at": instant_text(FROM - 5)}, version=1), last=60) == [-5]
    assert due(verdict(30, {"at": instant_text(FROM - 5)}, version=1, paused=True), last=60) == []


def interval(every: int, anchor: int, spread: int) -> Written:
    return {"every": f"PT{every}S", "anchor": instant_text(FROM + anchor)} | within(spread)


def cron(step: str, spread: int) -> Written:
    return {"cron": f"{step} * * * * *"} | within(spread)


def within(spread: int) -> Written:
    return {"spread": f"PT{spread}S"} if spread else {}


schedules = st.one_of(
    st.builds(interval, st.integers(1, 90), st.integers(-50, 50), st.sampled_from([0, 0, 1, 7, 40, 300])),
    st.builds(cron, st.sampled_from(["*/10", "*/7", "0,31", "H/20", "15"]), st.sampled_from([0, 5, 29, 90])),
)
edits = st.lists(
    st.tuples(st.integers(1, LAST), schedules, st.sampled_from([False, False, True])), min_size=1, max_size=6
)


def by_the_engine(life: list[tuple[int, Written, bool]]) -> list[int]:
    """What the ticker's own rules let run, edit by edit (services/ticker: task_events.py)."""
    found, current, was_paused, before = list[int](), None, False, None
    for at, written, paused in life:
        schedule = parse(written).for_task(TASK) if parse(written).has_hash else parse(written)
        offset, second = offset_of(schedule, TASK), FROM + at
        if current is None:
            current = EffectiveSchedule(schedule, offset, second)
        elif written == before:
            if paused != was_paused:
                found += run_up_to(current, second, paused=was_paused)
                current = EffectiveSchedule(schedule, offset, second, current.last_decided(second))
        else:
            found += run_up_to(current, second, paused=was_paused)
            handover = hand_over(current, schedule, offset, second)
            current = handover.current
            found += [] if handover.run_at_once == NEVER or paused else [handover.run_at_once]
        before, was_paused = written, paused
    assert current is not None
    return sorted(found + run_up_to(current, FROM + LAST, paused=was_paused))


def run_up_to(current: EffectiveSchedule, to: int, *, paused: bool) -> list[int]:
    found, after = list[int](), current.since
    while isinstance(one := current.next_due(after), Occurrence) and one.effective <= to:
        found.append(one.nominal)
        after = one.effective
    return [] if paused else found


SPREAD_LATER = [
    (98, cron("*/7", 0), True),
    (145, interval(37, 49, 0), False),
    (150, interval(38, -36, 300), False),
]


@settings(max_examples=400, deadline=None)
@given(edits)
@example(SPREAD_LATER)
def test_edits_neither_lose_nor_repeat_what_the_engine_hands_over(life: list[tuple[int, Written, bool]]) -> None:
    life = sorted({at: (at, written, paused) for at, written, paused in life}.values(), key=lambda one: one[0])
    verdicts = [
        verdict(at, written, paused=paused, version=1 if place == 0 else 2 + place)
        for place, (at, written, paused) in enumerate(life)
    ]
    assert [FROM + n for n in due(*verdicts)] == by_the_engine(life)


@pytest.mark.parametrize("text", ["P", "PT", "PT0.5S", "1M", "P1M"])
def test_only_whole_seconds_are_durations(text: str) -> None:
    texts = ["PT0S", "PT1M", "PT1H1M1S", "P1D", "P1DT1S", "P1W"]
    assert [whole_seconds(one) for one in texts] == [0, 60, 3661, 86_400, 86_401, 604_800]
    with pytest.raises(ValueError, match="no duration"):
        whole_seconds(text)
