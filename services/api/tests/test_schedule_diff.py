"""What another schedule changes, against plain enumeration, and in words."""

from bisect import bisect_left
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tasker_api.schedules.run_pairing import Move, paired
from tasker_api.schedules.schedule_diff import MAX_RUNS, Asked, Compared, schedule_diff
from tasker_api.schemas.schedules import ScheduleDiff
from tasker_api.testing.running_api import RunningApi
from tasker_core.schedules.occurrences import NothingUntil, offset_of, search
from tasker_core.schedules.schedule import Schedule, for_task
from tasker_core.time.zones import DAY

parse = TypeAdapter[Schedule](Schedule).validate_python
BEGIN = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
HOUR = 3_600
SCHEDULES: list[dict[str, Any]] = [
    {"cron": "0 9 * * *"},
    {"cron": "0 9 * * *", "timezone": "Europe/Berlin"},
    {"cron": "0 9 * * *", "timezone": "America/New_York", "spread": "PT1H"},
    {"cron": "30 2 * * *", "timezone": "Europe/Berlin"},
    {"cron": "*/30 1-3 * * *", "timezone": "Europe/Berlin"},
    {"cron": "0 * * * *"},
    {"cron": "0 */3 * * *", "spread": "P1D"},
    {"cron": "H 9 * * 1-5"},
    {"cron": "0 9 * * *", "exclude": ["* * * * 1"], "end": "2026-04-05T00:00:00Z"},
    {"every": "PT7H", "anchor": "2026-01-01T00:00:00Z"},
    {"at": "2026-03-29T09:00:00Z"},
    {"manual": True},
]
ascending = st.lists(st.integers(0, 40), max_size=12, unique=True).map(sorted)


def asked(before: dict[str, Any], after: dict[str, Any], days: int = 60, task_id: str | None = None) -> ScheduleDiff:
    return schedule_diff(
        Asked(Compared(parse(before)), Compared(parse(after)), task_id, BEGIN, BEGIN + days * DAY, 1_000)
    )


def counts(found: ScheduleDiff) -> tuple[int, int, int, int]:
    return found.unchanged, found.moved, found.removed, found.added


def fires(written: dict[str, Any], task_id: str, end: int) -> set[int]:
    schedule = for_task(parse(written), task_id)
    offset, at, found = offset_of(schedule, task_id), BEGIN - 1, set[int]()
    while True:
        one = search(schedule, at, offset)
        at = one.checkpoint if isinstance(one, NothingUntil) else one.effective
        if at >= end:
            return found
        if not isinstance(one, NothingUntil):
            found.add(at)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SCHEDULES), st.sampled_from(SCHEDULES), st.sampled_from(("a", "report-7")))
def test_each_run_of_both_is_in_the_answer_once(before: dict[str, Any], after: dict[str, Any], task_id: str) -> None:
    end = BEGIN + 40 * DAY
    found = asked(before, after, 40, task_id=task_id)
    old, new = fires(before, task_id, end), fires(after, task_id, end)
    assert found.complete_until.timestamp() == end
    assert found.unchanged == len(old & new)
    goes = [item.before.at.timestamp() for item in found.items if item.before is not None]
    comes = [item.after.at.timestamp() for item in found.items if item.after is not None]
    # What moves over an edge has its other side beyond it.
    assert sorted(at for at in goes if BEGIN <= at < end) == sorted(old - new)
    assert sorted(at for at in comes if BEGIN <= at < end) == sorted(new - old)
    assert len(found.items) == found.moved + found.removed + found.added


@given(ascending, ascending, st.integers(1, 20))
@example([9, 10], [0, 8, 21], 2)  # 0 is nearer to 10 than 21 is, but 9 to 8, of one day, lies between
def test_a_pair_has_no_unchanged_run_between_and_no_nearer_one(before: list[int], after: list[int], day: int) -> None:
    found = paired(before, after, lambda at: at // day)
    assert sorted([*found.unchanged, *found.removed, *(m.before for m in found.moved)]) == before
    assert sorted([*found.unchanged, *found.added, *(m.after for m in found.moved)]) == after
    of_one_day = [move for move in found.moved if move.before // day == move.after // day]
    for move in found.moved:
        assert not any(min(move) < at < max(move) for at in found.unchanged)
        distance = abs(move.after - move.before)
        slot = bisect_left(found.unchanged, move.before)
        beside = [
            at
            for at in found.added
            if bisect_left(found.unchanged, at) == slot
            and not any((one.before < move.before) != (one.after < at) for one in of_one_day)
        ]
        assert move in of_one_day or not any(abs(at - move.before) < distance for at in beside)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("0 9 * * *", "0 9 * * *", (60, 0, 0, 0)),
        ("0 9 * * *", "0 22 * * *", (0, 60, 0, 0)),
        ("0 9 * * *", "0 9,15 * * *", (60, 0, 0, 60)),
        ("0 9,15 * * *", "0 9,16 * * *", (60, 60, 0, 0)),
        ("0 * * * *", "30 * * * *", (0, 60 * 24, 0, 0)),
        ("0 * * * *", "0 */2 * * *", (720, 0, 720, 0)),
        ("0 9 * * 1", "0 9 * * 4", (0, 9, 0, 0)),
        ("30 2 * * *", "*/30 2 * * *", (60, 0, 0, 60)),
    ],
)
def test_what_moves_and_what_goes(before: str, after: str, expected: tuple[int, int, int, int]) -> None:
    assert counts(asked({"cron": before}, {"cron": after})) == expected


def test_another_zone_moves_runs_by_what_the_clocks_differ() -> None:
    found = asked({"cron": "0 9 * * *"}, {"cron": "0 9 * * *", "timezone": "Europe/Berlin"})
    assert counts(found) == (0, 60, 0, 0)
    assert found.text == "0 runs as before, 60 runs moved (32 by 2 hours to earlier; 28 by 1 hour to earlier)"
    assert found.items[0].model_dump(mode="json") == {
        "change": "moved",
        "before": {"at": "2026-03-01T09:00:00.000Z", "local": "2026-03-01T09:00:00+00:00"},
        "after": {"at": "2026-03-01T08:00:00.000Z", "local": "2026-03-01T09:00:00+01:00"},
        "by_seconds": -HOUR,
    }


def test_a_clock_change_is_told() -> None:
    found = asked(
        {"cron": "30 1 * * *", "timezone": "Europe/Berlin"}, {"cron": "30 2 * * *", "timezone": "Europe/Berlin"}
    )
    assert "60 by 1 hour to later; 1 by 30 minutes to later" in found.text
    assert len(found.notes) == 1, "that of October comes after the 61 days that are compared"
    assert found.notes[0] == (
        "after: 02:30 does not exist on 2026-03-29 in Europe/Berlin, where the clock goes forward by 1 hour; "
        "it fires at 03:00+02:00 instead"
    )


def test_what_a_clock_change_takes_away_does_not_move_to_another_day() -> None:
    """`*/30` does not fire in the hour that is skipped, `30` fires at its end."""
    berlin = {"timezone": "Europe/Berlin"}
    found = asked({"cron": "30 2 * * *", **berlin}, {"cron": "*/30 2 * * *", **berlin})
    assert counts(found) == (59, 0, 1, 59)


def test_very_many_runs_are_compared_as_far_as_is_told() -> None:
    found = asked({"cron": "* * * * * *"}, {"cron": "*/2 * * * * *"}, 365)
    assert found.complete_until.timestamp() == BEGIN - DAY + MAX_RUNS
    assert counts(found) == ((MAX_RUNS - DAY) // 2, 0, (MAX_RUNS - DAY) // 2, 0)
    assert "compared up to 2026-03-01T03:46:40Z only" in found.notes[0]


def test_a_run_that_moves_over_an_edge_is_one_that_moves() -> None:
    found = asked(
        {"cron": "0 0 * * *", "timezone": "Europe/Berlin"}, {"cron": "30 2 * * *", "timezone": "Europe/Berlin"}
    )
    assert counts(found)[2:] == (0, 0)
    assert found.text.startswith("0 runs as before, 61 runs moved (60 by 2 hours and 30 minutes to later; 1 by 2 hours")


def test_the_delay_of_a_task_is_known_with_its_id_only() -> None:
    plain, spread = {"cron": "0 9 * * *"}, {"cron": "0 9 * * *", "spread": "PT1H"}
    assert counts(asked(plain, spread)) == (60, 0, 0, 0)
    assert "task_id" in asked(plain, spread).notes[0]
    assert counts(asked(plain, spread, task_id="report")) == (0, 60, 0, 0)


def test_an_interval_is_counted_as_before_where_the_edit_says_nothing() -> None:
    before = {"every": "PT1H", "anchor": "2026-01-01T00:10:00Z"}
    assert counts(asked(before, {"every": "PT1H"}, 1)) == (24, 0, 0, 0)


async def test_the_standing_schedule_of_a_task(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.task("a", schedule_json='{"cron":"H * * * *","timezone":"UTC"}')
    body = {"before": {"task_id": "a"}, "after": {"cron": "H */2 * * *"}, "to": "2099-01-02T00:00:00Z"}
    answer = await client.post("/schedules/diff", json=body | {"from": "2099-01-01T00:00:00Z"})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["unchanged"], found["removed"], found["added"], found["moved"]) == (12, 12, 0, 0)
    missing = await client.post("/schedules/diff", json=body | {"before": {"task_id": "b"}})
    assert missing.status_code == 404


async def test_calendars_are_read_as_they_are_now_and_those_of_a_task_as_it_is_under_them(
    api: RunningApi, client: httpx.AsyncClient
) -> None:
    await api.documents.calendar("holidays", ["2099-01-03"], version=1, superseded=True)
    await api.documents.calendar("holidays", ["2099-01-03/2099-01-04"], version=2)
    use = [{"name": "holidays", "version": 1}]
    stored = '{"cron":"H 9 * * *","timezone":"UTC","exclude_calendars":["holidays"]}'
    await api.documents.task("a", schedule_json=stored, calendars=use)
    week = {"from": "2099-01-01T00:00:00Z", "to": "2099-01-08T00:00:00Z"}
    daily, without = {"cron": "0 9 * * *", "exclude_calendars": ["holidays"]}, {"cron": "0 9 * * *"}

    async def changed(before: dict[str, Any], after: dict[str, Any], **more: Any) -> tuple[int, int, int]:
        answer = await client.post("/schedules/diff", json={"before": before, "after": after} | week | more)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["moved"] == 0
        return found["unchanged"], found["removed"], found["added"]

    assert await changed(without, daily) == (5, 2, 0)
    assert await changed({"cron": "0 9 * * *", "require_calendars": ["holidays"]}, without) == (2, 0, 5)
    assert await changed({"task_id": "a"}, {"cron": "H 9 * * *"}) == (6, 0, 1)
    assert await changed({"task_id": "a"}, {"cron": "H 9 * * *", "exclude_calendars": ["holidays"]}) == (5, 1, 0)
    both = {"any": [{"cron": "0 9 * * *"}, {"cron": "0 8 * * *"}], "exclude_calendars": ["holidays"]}
    assert await changed(daily, both) == (5, 0, 5)
    every_day = {"every": "P1D", "at": "09:00", "timezone": "UTC", "exclude_calendars": ["holidays"]}
    assert await changed(daily, every_day) == (5, 0, 0)

    body = {"before": without, "after": {"cron": "0 9 * * *", "require_calendars": ["holidays", "none"]}}
    refused = await client.post("/schedules/diff", json=body | week)
    assert refused.status_code == 422, refused.text
    [error] = refused.json()["errors"]
    assert error["pointer"] == "/after/require_calendars/1"
    assert "no calendar 'none' (known: holidays)" in error["message"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"after": {"cron": "61 * * * *"}}, "/after/cron"),
        ({"after": {"cron": "H * * * *"}}, "/after"),
        ({"before": {"task_id": "a", "cron": "0 0 * * *"}}, "/before/cron"),
        ({"before": {"task_id": "!"}}, "/before/task_id"),
        ({"from": "2030-01-01T00:00:00Z", "to": "2029-01-01T00:00:00Z"}, "/to"),
        ({"from": "2030-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z"}, "/to"),
        ({"limit": 1_001}, "/limit"),
    ],
)
async def test_what_cannot_be_compared(lone_client: httpx.AsyncClient, body: dict[str, Any], pointer: str) -> None:
    daily = {"cron": "0 0 * * *"}
    answer = await lone_client.post("/schedules/diff", json={"before": daily, "after": daily} | body)
    assert answer.status_code in {400, 422}, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_of_two_as_near_a_run_moves_to_the_later_one() -> None:
    found = paired([30], [20, 40], lambda at: at)
    assert (found.moved, found.added) == ([Move(30, 40)], [20])
