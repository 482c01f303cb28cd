"""A forecast against plain counting of what each single task fires, and the spread that it suggests."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tasker_api.forecast.bucket_counts import TimingGroup, count_runs
from tasker_api.forecast.forecast import forecast
from tasker_api.forecast.spread_suggestion import WINDOWS, suggest_spread
from tasker_api.forecast.window import Window, window
from tasker_api.testing.running_api import RunningApi
from tasker_core.errors import InvalidInput
from tasker_core.schedules.occurrences import Occurrence, offset_of, search
from tasker_core.schedules.schedule import Schedule, for_task
from tasker_core.time.zones import DAY
from tasker_core.timing.timing_key import timing_of

NOW = int(datetime(2026, 3, 28, 12, tzinfo=UTC).timestamp())
"""The day before a clock change in Berlin."""
parse = TypeAdapter[Schedule](Schedule).validate_python
SCHEDULES: list[dict[str, Any]] = [
    {"cron": "0 0 * * *"},
    {"cron": "30 2 * * *", "timezone": "Europe/Berlin"},
    {"cron": "*/30 * * * *", "timezone": "Europe/Berlin"},
    {"cron": "*/5 * * * *", "spread": "PT10M"},
    {"cron": "0 * * * *", "spread": "PT30M"},
    {"cron": "H H * * *"},
    {"cron": "0 6 * * *", "exclude": ["2026-03-29"]},
    {"cron": "0 * * * *", "end": "2026-03-28T20:00:00Z"},
    {"every": "PT45M", "anchor": "2026-01-01T00:00:07Z"},
    {"every": "PT2H", "anchor": "2026-03-29T01:00:00Z"},
    {"at": "2026-03-29T00:00:00Z"},
    {"at": "2026-03-28T12:30:10Z", "spread": "PT5M"},
    {
        "any": [
            {"cron": "0 1 * * *"},
            {"every": "P1D", "at": "02:30", "timezone": "Europe/Berlin", "anchor": "2026-03-01"},
        ]
    },
    {"manual": True},
]
fleets = st.lists(st.tuples(st.sampled_from(SCHEDULES), st.integers(0, 10**6)), max_size=30)


def groups_of(fleet: Sequence[tuple[dict[str, Any], int]]) -> list[TimingGroup]:
    keys = [
        timing_of(parse(written).model_dump_json(exclude_none=True).encode(), f"task-{number}", NOW - 1)
        for written, number in fleet
    ]
    return [TimingGroup(key, tasks) for key, tasks in Counter(keys).items() if key]


def fires_of(written: dict[str, Any], task_id: str, end: int) -> list[int]:
    """One after the other, as the ticker asks for them."""
    schedule = for_task(parse(written), task_id)
    offset, found, at = offset_of(schedule, task_id), list[int](), NOW - 1
    while at < end:
        occurrence = search(schedule, at, offset)
        at = occurrence.effective if isinstance(occurrence, Occurrence) else occurrence.checkpoint
        if isinstance(occurrence, Occurrence) and at < end:
            found.append(at)
    return found


@settings(max_examples=80, deadline=None)
@given(fleets, st.sampled_from((60, 900, 3600, DAY)), st.integers(3600, 2 * DAY))
def test_each_run_is_counted_in_its_bucket(fleet: list[tuple[dict[str, Any], int]], width: int, length: int) -> None:
    asked = Window(NOW - 120, NOW - 120 + min(length, width * 1_400), width, NOW)
    expected = [0] * asked.buckets
    for written, number in fleet:
        for at in fires_of(written, f"task-{number}", asked.end):
            expected[asked.bucket(at)] += 1
    counts = count_runs(groups_of(fleet), asked)
    assert counts.runs == expected
    assert counts.tasks == sum(1 for written, _ in fleet if "manual" not in written) - counts.unknown
    assert not counts.unknown


@settings(max_examples=40, deadline=None)
@given(fleets, st.sampled_from((60, 900)))
def test_a_suggested_spread_moves_runs_and_loses_none(fleet: list[tuple[dict[str, Any], int]], width: int) -> None:
    counts = count_runs(
        groups_of([(written, number % 3) for written, number in fleet] * 40), window(NOW, None, width, NOW)
    )
    if (found := suggest_spread(counts)) is not None:
        assert found.seconds in WINDOWS
        assert found.seconds >= width
        assert found.runs <= 0.9 * max(counts.runs)
        assert all(counts.groups[index][1].offset is None for index in found.groups)


def test_the_suggestion_is_what_the_delays_of_real_tasks_make_of_the_peak() -> None:
    night = [({"cron": "0 0 * * *"}, number) for number in range(6_000)]
    steady = [
        ({"every": "PT5M", "anchor": f"2026-01-01T00:0{number % 5}:{number % 60:02}Z"}, number) for number in range(300)
    ]
    counts = count_runs(groups_of(night + steady), window(NOW, None, 300, NOW))
    found = suggest_spread(counts)
    assert found is not None
    # Twice the usual 300: some 20 buckets for 6,000 runs, which is more than an hour.
    assert (found.seconds, [counts.groups[index][0].tasks for index in found.groups]) == (7_200, [6_000])
    spread = [({"cron": "0 0 * * *", "spread": "PT2H"}, number) for number in range(6_000)]
    real = max(count_runs(groups_of(spread + steady), window(NOW, None, 300, NOW)).runs)
    assert real == pytest.approx(found.runs, abs=4 * found.runs**0.5)


def test_times_that_come_too_often_for_a_spread_are_left_as_they_are() -> None:
    fleet = [({"cron": "*/5 * * * *"}, number) for number in range(100)]
    counts = count_runs(groups_of(fleet), window(NOW, None, 300, NOW))
    assert suggest_spread(counts) is None


def test_the_words_of_a_forecast() -> None:
    fleet = [({"cron": "0 0 * * *"}, n) for n in range(50)] + [({"cron": "0 0 * * *", "max_runs": 3}, 1)]
    fleet += [({"every": "PT1H", "anchor": f"2026-01-01T00:{n:02}:00Z"}, n) for n in range(60)]
    asked = window(None, NOW + 86_430, None, NOW + 30)
    found = forecast([*groups_of(fleet), TimingGroup('{"lunar":"full"}', 2)], asked)
    assert found.peak is not None
    assert (f"{found.peak.at:%H:%M}", found.peak.runs, found.tasks, found.runs) == ("00:00", 56, 111, 51 + 24 * 60)
    assert [(one.schedule, one.tasks, one.runs) for one in found.peak.made_by] == [
        ("At 00:00, every day, UTC", 50, 50),
        ("Every hour", 5, 5),
        ("At 00:00, every day, UTC, at most 3 times", 1, 1),
    ]
    assert found.spread is not None
    assert found.spread.text.startswith("A spread of ")
    assert (
        "for the 51 tasks of these schedules lowers the peak from 56 runs in 5 minutes to about " in found.spread.text
    )
    assert [note.split(":")[0] for note in found.notes] == [
        "counted from now on, 2026-03-28T12",
        "1 task has max_runs",
        "the times of 2 tasks can't be told",
    ]


@pytest.mark.parametrize(
    ("start", "end", "width", "field"),
    [
        (NOW, NOW, None, "to"),
        (NOW - 7200, NOW - 60, None, "to"),
        (NOW, NOW + 63 * DAY, None, "to"),
        (NOW, NOW + DAY, 1, "bucket"),
    ],
)
def test_a_window_that_cannot_be_told(start: int, end: int, width: int | None, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        window(start, end, width, NOW)
    assert [error.pointer for error in refused.value.errors] == [f"/query/{field}"]


def test_too_many_times_are_refused() -> None:
    every_second = [
        TimingGroup(f'{{"cron":"* * * * * *","timezone":"UTC","max_runs":{10**7 + n}}}', 1) for n in range(3)
    ]
    with pytest.raises(InvalidInput):
        count_runs(every_second, window(NOW, NOW + 40 * DAY, DAY, NOW))


async def test_the_tasks_that_count(api: RunningApi, client: httpx.AsyncClient) -> None:
    hourly = '{"cron":"0 * * * *","timezone":"UTC","gap":"shift","fold":"first"}'
    await api.documents.task("a", timing=hourly, tags=["x", "y"], handler="curl")
    await api.documents.task("b", timing=hourly, tags=["x"])
    await api.documents.task("paused", timing=hourly, tags=["x", "y"], state="paused")
    await api.documents.task("over", timing="@2026-01-01T00:00:00.000Z", state="finished")
    await api.documents.task("gone", timing=hourly, deleted=True)
    await api.documents.task("manual", timing="")
    await api.documents.task("soon", timing="@2099-01-01T00:30:15.000Z")
    await api.documents.task("later", timing="@2099-01-02T00:00:00.000Z")
    await api.documents.task("interval", timing="/3600/900", tags=["y"])
    day = {"from": "2099-01-01T00:00:00Z", "to": "2099-01-02T00:00:00Z"}

    async def runs(**more: Any) -> list[int]:
        answer = await client.get("/forecast", params={**day, "bucket": "PT12H", **more})
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert sum(bucket["runs"] for bucket in found["buckets"]) == found["runs"]
        return [found["tasks"], *(bucket["runs"] for bucket in found["buckets"])]

    assert await runs() == [4, 37, 36]
    assert await runs(bucket="PT8H30S") == [4, 27, 24, 22]
    assert await runs(tag="x") == [2, 24, 24]
    assert await runs(tag=["x", "y"]) == [1, 12, 12]
    assert await runs(handler="curl") == [1, 12, 12]
    assert await runs(q="inter") == [1, 12, 12]
    assert await runs(tag="none") == [0, 0, 0]


async def test_calendars_are_read_as_they_stand(api: RunningApi, client: httpx.AsyncClient) -> None:
    """The stored timing only names them."""
    await api.documents.calendar("holidays", ["2099-01-02/2099-01-03"], version=3)
    await api.documents.calendar("gone", ["2099-01-01"], deleted=True)

    async def task(task_id: str, written: dict[str, Any], *names: str) -> None:
        text = parse({"timezone": "UTC"} | written).model_dump_json(exclude_none=True)
        uses = [{"name": name, "version": 1} for name in names]
        timing = timing_of(text.encode(), task_id, NOW - 1)
        await api.documents.task(task_id, schedule_json=text, timing=timing, calendars=uses)

    async def counted() -> tuple[int, list[int], list[str]]:
        three_days = {"from": "2099-01-01T00:00:00Z", "to": "2099-01-04T00:00:00Z", "bucket": "P1D"}
        answer = await client.get("/forecast", params=three_days)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        return found["tasks"], [bucket["runs"] for bucket in found["buckets"]], found["notes"]

    hourly = {"cron": "0 * * * *"}
    await task("plain", hourly)
    await task("off", hourly | {"exclude_calendars": ["holidays"]}, "holidays")
    await task("only", hourly | {"require_calendars": ["holidays"]}, "holidays")
    await task("h", {"cron": "H 9 * * *", "exclude_calendars": ["holidays", "gone"]}, "holidays", "gone")
    await task("spread", {"cron": "0 9 * * *", "spread": "PT1H", "exclude_calendars": ["gone"]}, "gone")
    assert await counted() == (5, [48, 49, 49], [])
    await api.documents.database["calendars"].update_one({"_id": "holidays"}, {"$set": {"days": []}})
    assert await counted() == (5, [48, 50, 50], [])  # off, h and spread; only has no day left
    await task("lost", hourly | {"exclude_calendars": ["unheard-of"]}, "unheard-of")
    tasks, runs, [note] = await counted()
    assert (tasks, runs) == (5, [48, 50, 50])
    assert note.startswith("the times of 1 task can't be told: ")


@pytest.mark.parametrize(
    ("query", "pointer", "word"),
    [
        ({"state": "paused"}, "/query/state", "unknown"),
        ({"to": "2020-01-01T00:00:00Z"}, "/query/to", "later"),
        ({"bucket": "PT0.5S"}, "/query/bucket", "second"),
        ({"bucket": "P2D"}, "/query/bucket", "P1D"),
        ({"from": "2099-01-01T00:00:00"}, "/query/from", "timezone"),
        ({"to": "2026-13-01T00:00:00Z"}, "/query/to", "month"),
    ],
)
async def test_a_question_that_is_refused(
    lone_client: httpx.AsyncClient, query: dict[str, str], pointer: str, word: str
) -> None:
    answer = await lone_client.get("/forecast", params=query)
    assert answer.status_code in {400, 422}
    [error] = answer.json()["errors"]
    assert error["pointer"] == pointer
    assert word in error["message"]


async def test_each_read_of_timings_is_answered_by_an_index(api: RunningApi, client: httpx.AsyncClient) -> None:
    """With the words that MongoDB has for it: nothing is read but keys."""
    for number in range(300):
        await api.documents.task(f"t{number}", timing=f"/3600/{number}", tags=["x", f"y{number % 50}"])
    await api.mongo.database.command("profile", 2)
    for params in ({}, {"tag": "x"}, {"handler": "default"}, {"tag": "x", "handler": "default"}):
        assert (await client.get("/forecast", params=params)).status_code == 200
    await api.mongo.database.command("profile", 0)
    reads = await api.mongo.database["system.profile"].find({"command.aggregate": "tasks"}).to_list(None)
    assert len(reads) == 12
    assert all(read["docsExamined"] == 0 for read in reads), [read["planSummary"] for read in reads]
