"""Schedules in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tasker_core.schedules.description import describe
from tasker_core.schedules.kinds.cron import Cron
from tasker_core.schedules.schedule import Schedule

adapter: TypeAdapter[Schedule] = TypeAdapter(Schedule)
CRONS = {
    "* * * * *": "Every minute",
    "*/5 * * * *": "Every 5 minutes",
    "* * * * * *": "Every second",
    "*/10 * * * * *": "Every 10 seconds",
    "15 * * * * *": "At second 15 of every minute",
    "15 */20 * * * *": "At second 15 of minutes 0, 20 and 40 of every hour",
    "@hourly": "Every hour",
    "30 * * * *": "Every hour at minute 30",
    "0 */2 * * *": "Every 2 hours",
    "30 */2 * * *": "Every 2 hours from 00:30 through 22:30",
    "0 */5 * * *": "At 00:00, 05:00, 10:00, 15:00 and 20:00, every day",
    "*/7 * * * *": "At every 7th minute from 0 through 56 of every hour",
    "5/15 * * * *": "At minutes 5, 20, 35 and 50 of every hour",
    "*/15 9-17 * * *": "Every 15 minutes from 09:00 through 17:45",
    "0 9-17 * * MON-FRI": "Every hour from 09:00 through 17:00, Monday through Friday",
    "0 9 * * 1-5": "At 09:00, Monday through Friday",
    "30 0 9 * * *": "At 09:00:30, every day",
    "* 30 2 * * *": "Every second of 02:30",
    "*/10 30 * * * *": "Every 10 seconds of minute 30 of every hour",
    "*/15 1,5 * * *": "Every 15 minutes of hours 1 and 5",
    "15,45 2 * * *": "At 02:15 and 02:45, every day",
    "0 0 L * *": "At 00:00, on the last day of the month",
    "0 0 1,15,L * *": "At 00:00, on days 1 and 15 and the last day of the month",
    "0 0 * * 5L": "At 00:00, on the last Friday of the month",
    "0 0 * * 1#1,5": "At 00:00, on Friday and the first Monday of the month",
    "0 0 * * 6,0": "At 00:00, on Saturday and Sunday",
    "0 0 13 * 5": "At 00:00, on day 13 of the month or on Friday",
    "0 0 */10 * 1": "At 00:00, on days 1, 11, 21 and 31 of the month if that is Monday",
    "0 0 * * 5/2": "At 00:00, on Friday and Sunday",
    "0 0 1 */6 *": "At 00:00, on day 1 of the month, in January and July",
    "0 9 15W * *": "At 09:00, on the working day nearest to day 15 of the month",
    "0 9 LW * ?": "At 09:00, on the working day nearest to the last day of the month",
    "0 9 1,L-1W * ?": "At 09:00, on day 1 and the working day nearest to the 1st day before the last of the month",
    "0 9 L,L-3 * ?": "At 09:00, on the 3rd day before the last and the last day of the month",
    "0 0 9 ? * MON-FRI 2027": "At 09:00, Monday through Friday, in 2027",
    "0 0 9 1 1 ? 2027-2030,2040": "At 09:00, on day 1 of the month, in January, in 2027 through 2030 and 2040",
    "0 12 * JUN-AUG *": "At 12:00, every day, in June through August",
}


@pytest.mark.parametrize(("cron", "words"), CRONS.items())
def test_cron(cron: str, words: str) -> None:
    assert describe(Cron(cron=cron, timezone="Europe/Berlin")) == f"{words}, Europe/Berlin"


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ({"at": "2026-12-24T18:00:00+01:00"}, "Once, on 24 December 2026 at 18:00 (+01:00)"),
        ({"at": "2026-12-24T18:00:04.2Z"}, "Once, on 24 December 2026 at 18:00:05 (UTC)"),
        ({"at": "2026-12-24T18:00", "timezone": "UTC"}, "Once, on 24 December 2026 at 18:00, UTC"),
        (
            {"at": "2026-03-29T02:30", "timezone": "Europe/Berlin"},
            "Once, on 29 March 2026 at 03:00, Europe/Berlin (+02:00)",
        ),
        ({"every": "PT15M"}, "Every 15 minutes, counted from its creation"),
        ({"every": "P1D", "anchor": "2026-01-01T06:00Z"}, "Every day, counted from 1 January 2026 at 06:00 (UTC)"),
        (
            {"every": 5401, "anchor": "2026-01-01T06:00-03:30"},
            "Every 1 hour, 30 minutes and 1 second, counted from 1 January 2026 at 06:00 (-03:30)",
        ),
        (
            {
                "cron": "0 9 * * *",
                "timezone": "Europe/Berlin",
                "start": "2026-01-01T00:00",
                "end": "2026-12-31T22:59:59Z",
                "max_runs": 5,
                "exclude": ["2026-12-25", "2026-12-24/2026-12-26", "* * * * 6"],
                "spread": "PT5M",
            },
            "At 09:00, every day, Europe/Berlin, from 1 January 2026 at 00:00 on, through 31 December 2026 at "
            "23:59:59, at most 5 times, except 25 December 2026; 24 December 2026 through 26 December 2026; "
            "every minute, on Saturday, spread over 5 minutes",
        ),
        (
            {"every": "PT1H", "exclude": ["2026-12-25"] * 5, "max_runs": 1},
            "Every hour, counted from its creation, at most 1 time, except 25 December 2026; 25 December 2026; "
            "25 December 2026; and 2 more",
        ),
        (
            {"at": "2026-12-24T18:00:00Z", "spread": 3600},
            "Once, on 24 December 2026 at 18:00 (UTC), spread over 1 hour",
        ),
    ],
)
def test_others(schedule: dict[str, object], words: str) -> None:
    assert describe(adapter.validate_python(schedule)) == words


field = st.sampled_from(["*", "*/2", "*/7", "3", "1,4", "2-5", "1-6/2", "1,2,3,6"])


@given(st.one_of(st.just("0"), field), field, field, field, field, field, st.sampled_from(["", "L", "1#2,6L"]))
def test_every_expression_has_one_sentence(
    second: str, minute: str, hour: str, day: str, month: str, weekday: str, special: str
) -> None:
    if special:
        day, weekday = ("L", weekday) if special == "L" else (day, special)
    words = describe(Cron(cron=f"{second} {minute} {hour} {day} {month} {weekday}"))
    assert words.endswith(", UTC")
    assert words[0].isupper()
    assert "  " not in words
    assert ", ," not in words
