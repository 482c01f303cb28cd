"""From when intervals count: what is given, else `start`, else what it was, else the creation."""

from datetime import datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from tasker_core.schedules.anchors import anchored
from tasker_core.schedules.schedule import Schedule

parse = TypeAdapter[Schedule](Schedule).validate_python
CREATED = int(datetime.fromisoformat("2026-11-28T10:00:07Z").timestamp())
HOURLY: dict[str, Any] = {"every": "PT1H"}
WEEKLY: dict[str, Any] = {"every": "P1W", "at": "09:00", "timezone": "Asia/Tokyo"}
START, LATER = {"start": "2027-06-19T00:00:00Z"}, {"start": "2027-07-01T00:00:00Z"}


def completed(schedule: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    found = anchored(parse(schedule), CREATED, parse(before) if before else None)
    return found.model_dump(mode="json", exclude_unset=True, exclude_none=True)


def first(schedule: dict[str, Any], before: dict[str, Any] | None = None) -> str:
    found = anchored(parse(schedule), CREATED, parse(before) if before else None)
    start = max(found.bounds[0] - 1, CREATED - 1)
    return datetime.fromtimestamp(found.next_after(start), tz=found.clock).isoformat()


def test_the_start_is_the_anchor() -> None:
    assert first({"every": "P365D"} | START) == "2027-06-19T00:00:00+00:00"
    assert first(WEEKLY | START) == "2027-06-19T09:00:00+09:00"
    assert first({"any": [{"every": "P365D"}]} | START) == "2027-06-19T00:00:00+00:00"
    assert "anchor" not in completed({"every": "P365D"} | START)


def test_without_start_it_is_the_creation() -> None:
    assert completed(HOURLY) == HOURLY | {"anchor": "2026-11-28T10:00:07.000Z"}
    assert completed(WEEKLY) == WEEKLY | {"anchor": "2026-11-28"}
    assert completed({"any": [HOURLY, {"cron": "@daily"}, WEEKLY]}) == {
        "any": [HOURLY | {"anchor": "2026-11-28T10:00:07.000Z"}, {"cron": "@daily"}, WEEKLY | {"anchor": "2026-11-28"}]
    }
    # 23:30 in UTC is the next day in Tokyo.
    late = anchored(parse(WEEKLY), int(datetime.fromisoformat("2026-11-28T23:30Z").timestamp()))
    assert late.model_dump()["anchor"] == "2026-11-29"


KEPT: dict[str, Any] = {"anchor": "2020-01-01T00:00:05Z"}


@pytest.mark.parametrize(
    ("edited", "before", "expected"),
    [
        ({"every": "PT2H"}, HOURLY | KEPT, KEPT),
        (HOURLY | {"anchor": "2021-01-01T00:00:00Z"}, HOURLY | KEPT, {"anchor": "2021-01-01T00:00:00Z"}),
        # As tasks of earlier releases are stored: an edit that leaves start alone changes nothing.
        (HOURLY | START, HOURLY | KEPT | START, KEPT),
        (HOURLY | START, HOURLY | START, {}),
        # An edit of the start is counted from there.
        (HOURLY | LATER, HOURLY | KEPT | START, {}),
        (HOURLY | START, HOURLY | KEPT, {}),
        # Without its start, it goes on as it was counted.
        (HOURLY, HOURLY | START, {"anchor": "2027-06-19T00:00:00.000Z"}),
        (HOURLY, HOURLY | KEPT | START, KEPT),
        (HOURLY, {"cron": "@daily"}, {"anchor": "2026-11-28T10:00:07.000Z"}),
        (HOURLY, WEEKLY | {"anchor": "2020-01-01"}, {"anchor": "2026-11-28T10:00:07.000Z"}),
        (WEEKLY, WEEKLY | {"anchor": "2020-01-01"}, {"anchor": "2020-01-01"}),
        (HOURLY, {"manual": True}, {"anchor": "2026-11-28T10:00:07.000Z"}),
        # A single one that becomes one of several, and back.
        ({"any": [{"cron": "@daily"}, HOURLY]}, HOURLY | KEPT, {"any": [{"cron": "@daily"}, HOURLY | KEPT]}),
        (HOURLY, {"any": [{"cron": "@daily"}, HOURLY | KEPT]}, KEPT),
        # The member that is alike comes first, then the one in its place.
        (
            {"any": [HOURLY, {"every": "PT3H"}]},
            {"any": [{"every": "PT2H", "anchor": "2019-01-01T00:00:00Z"}, HOURLY | KEPT]},
            {"any": [HOURLY | KEPT, {"every": "PT3H"} | KEPT]},
        ),
    ],
)
def test_an_edit_keeps_from_when_it_counts(
    edited: dict[str, Any], before: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert completed(edited, before) == edited | expected


def test_what_needs_none_stays_itself() -> None:
    for fields in ({"cron": "@daily"}, {"manual": True}, HOURLY | KEPT, {"at": "2027-01-01T00:00Z"}):
        schedule = parse(fields)
        assert anchored(schedule, CREATED) is schedule


def test_asking_without_an_anchor_is_an_error() -> None:
    for fields in (HOURLY, WEEKLY, {"any": [HOURLY]}):
        with pytest.raises(ValueError, match="no anchor yet"):
            parse(fields).next_after(CREATED)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (
            {"every": "P1M", "at": "09:00", "timezone": "America/New_York", "start": "1970-01-01T00:00:00Z"},
            "2026-11-30T09:00:00-05:00",  # counted from 31 December 1969
        ),
        (
            {"any": [{"every": "P1D"}], "timezone": "Europe/Berlin", "start": "1970-01-01T00:00"},
            "2026-11-29T00:00:00+01:00",
        ),
        (
            {"any": [{"every": "P1W", "at": "09:00"}], "timezone": "America/Denver", "start": "1970-01-01T00:00:00Z"},
            "2026-12-02T09:00:00-07:00",  # a Wednesday, as 31 December 1969 was
        ),
    ],
)
def test_the_begin_of_all_times_may_be_the_start_in_every_zone(schedule: dict[str, Any], expected: str) -> None:
    assert first(schedule) == expected
    assert first({**schedule, "max_runs": 9}, schedule) == expected
    assert first({key: schedule[key] for key in schedule if key != "start"}, schedule) == expected
