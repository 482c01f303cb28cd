"""What can never fire again is refused, with the reason and its place."""

from datetime import datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from tasker_core.schedules.reachability import unreachable_errors
from tasker_core.schedules.schedule import Schedule

parse = TypeAdapter[Schedule](Schedule).validate_python
NOW = int(datetime.fromisoformat("2026-11-28T10:00:00Z").timestamp())
PAST = {"at": "2026-11-28T09:00Z"}


@pytest.mark.parametrize(
    ("fields", "place", "said"),
    [
        ({"cron": "@daily", "end": "2026-11-28T09:00Z"}, "end", "lies in the past"),
        ({"every": "PT1H", "anchor": "2026-01-01T00:00Z", "end": "2026-11-28T10:00Z"}, "end", "lies in the past"),
        ({"cron": "0 9 * * *", "end": "2026-11-29T08:00Z"}, "end", "the first would be 2026-11-29T09:00:00.000Z"),
        (
            {"cron": "0 9 * * *", "start": "2026-12-01T10:00Z", "end": "2026-12-01T11:00Z"},
            "end",
            "the first would be 2026-12-02T09:00:00.000Z",
        ),
        ({"every": "P365D", "anchor": "2026-01-01T00:00Z", "end": "2026-12-01T00:00Z"}, "end", "the first would be"),
        ({"cron": "@daily", "exclude": ["* * * * *"]}, "exclude", "leaves no occurrence"),
        (
            {"cron": "@daily", "end": "2026-11-30T00:00Z", "exclude": ["2026-11-29/2026-12-24"]},
            "exclude",
            "no occurrence",
        ),
        ({"any": [PAST]}, "any", "no member fires again"),
        ({"any": [PAST, {"cron": "@daily"}], "exclude": ["* * * * *"]}, "exclude", "leaves no occurrence"),
        ({"any": [PAST, {"cron": "@daily"}], "end": "2026-11-28T11:00Z"}, "end", "the first would be 2026-11-29"),
        (PAST, "at", "lies in the past"),
        ({"cron": "0 0 9 * * ? 2020-2025"}, "cron", "never fires again: its years are over; give later ones, or *"),
        (
            {"cron": "0 0 9 * * ? 2027", "start": "2028-01-01T00:00Z"},
            "cron",
            "never fires again: its years are over before the start",
        ),
        ({"every": "P100Y", "at": "09:00", "anchor": "1999-01-01", "end": "2199-01-01T00:00Z"}, None, ""),
        ({"every": "P100Y", "at": "09:00", "anchor": "2050-01-01", "start": "2160-01-01T00:00Z"}, "every", "2200"),
        ({"any": [PAST, {"cron": "@daily"}]}, None, ""),
        ({"manual": True}, None, ""),
        ({"cron": "@daily", "end": "2026-11-29T00:00Z"}, None, ""),
    ],
)
def test_the_reason_and_its_place(fields: dict[str, Any], place: str | None, said: str) -> None:
    errors = unreachable_errors(parse(fields), NOW)
    assert [error.pointer for error in errors] == ([] if place is None else [f"/schedule/{place}"])
    assert all(said in error.message for error in errors)


def test_what_is_still_to_come_by_spread_is_not_over() -> None:
    once, cron = (
        parse(PAST | {"spread": "P1D"}),
        parse({"cron": "0 9 * * *", "end": "2026-11-28T09:30Z", "spread": "P1D"}),
    )
    for schedule in (once, cron):
        assert unreachable_errors(schedule, NOW, 3601) == []
        assert len(unreachable_errors(schedule, NOW, 3600)) == 1


def test_runs_that_are_used_up() -> None:
    schedule = parse({"cron": "@daily", "max_runs": 3})
    assert unreachable_errors(schedule, NOW, runs_done=2) == []
    [error] = unreachable_errors(schedule, NOW, runs_done=3)
    assert error.pointer == "/schedule/max_runs"
    assert "has run 3 times" in error.message
    assert "has run once" in unreachable_errors(parse({"cron": "@daily", "max_runs": 1}), NOW, runs_done=1)[0].message


DAILY = [{"cron": f"{n} 9 * * *"} for n in range(49)]
MONTHLY = [{"cron": f"0 9 {n % 28 + 1} {n % 12 + 1} *"} for n in range(49)]
IN_NEW_YORK = [{"cron": f"{n} 9 * * {n % 7}", "timezone": "America/New_York"} for n in range(49)]
INTERVALS = [{"every": f"P{n + 1}D", "at": "09:00", "anchor": "2026-01-02"} for n in range(49)]


@pytest.mark.parametrize(
    ("members", "last", "exclude"),
    [
        (MONTHLY, "2027-10-24T08:00Z", ["0 9 * * *"]),
        (INTERVALS, "2027-02-03T09:00Z", ["0 9 * * *"]),
        (DAILY, "2027-03-01T10:00Z", ["* 9 * * *"]),
        (DAILY, "2027-03-01T10:00Z", [f"{n} 9 * * *" for n in range(50)]),
        (IN_NEW_YORK, "2027-03-01T10:00Z", ["* 14-15 * * *"]),
    ],
)
def test_many_members_that_are_left_out_do_not_hide_the_one_that_is_left(
    members: list[Any], last: str, exclude: list[str]
) -> None:
    whole = parse({"any": [*members, {"at": last}], "timezone": "Europe/Berlin", "exclude": exclude})
    assert unreachable_errors(whole, NOW) == []
