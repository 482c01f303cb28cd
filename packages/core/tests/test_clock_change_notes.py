"""What coming clock changes do to a schedule's times, in one sentence each."""

from datetime import datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from tasker_core.schedules.clock_change_notes import clock_change_notes
from tasker_core.schedules.schedule import Schedule

parse = TypeAdapter[Schedule](Schedule).validate_python
NOW = int(datetime.fromisoformat("2026-11-28T10:00:00Z").timestamp())
BERLIN = {"timezone": "Europe/Berlin"}
SKIPPED = "on 2027-03-28 in Europe/Berlin, where the clock goes forward by 1 hour"
TWICE = "on 2027-10-31 in Europe/Berlin, where the clock goes back by 1 hour"
DAILY: dict[str, Any] = {"every": "P1D", "at": "02:30", "anchor": "2026-01-01", **BERLIN}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"cron": "30 2 * * *", **BERLIN},
            [
                f"02:30 does not exist {SKIPPED}; it fires at 03:00+02:00 instead",
                f"02:30 comes twice {TWICE}; it fires the first time (+02:00)",
            ],
        ),
        (
            {"cron": "15,45 2 * * *", "gap": "skip", "fold": "last", **BERLIN},
            [
                f"02:15 and 02:45 do not exist {SKIPPED}; it does not fire then",
                f"02:15 and 02:45 come twice {TWICE}; it fires the second time (+01:00)",
            ],
        ),
        (
            {"cron": "*/20 1-3 * * *", **BERLIN},
            [
                f"02:00, 02:20 and so on do not exist {SKIPPED}; it does not fire then",
                f"02:00, 02:20 and so on come twice {TWICE}; it fires both times",
            ],
        ),
        (
            DAILY | {"fold": "both"},
            [
                f"02:30 does not exist {SKIPPED}; it fires at 03:00+02:00 instead",
                f"02:30 comes twice {TWICE}; it fires both times",
            ],
        ),
        (DAILY | {"anchor": "2027-04-01"}, [f"02:30 comes twice {TWICE}; it fires the first time (+02:00)"]),
        (
            DAILY | {"every": "P2D", "anchor": "2026-11-28"},
            [f"02:30 does not exist {SKIPPED}; it fires at 03:00+02:00 instead"],
        ),
        (
            {"any": [{"cron": "0 9 * * *"}, {"cron": "30 2 * * *"}, {"cron": "0 2 * * *"}], **BERLIN},
            [
                f"any/2: 02:00 does not exist {SKIPPED}; it fires at 03:00+02:00 instead",
                f"any/2: 02:00 comes twice {TWICE}; it fires the first time (+02:00)",
            ],
        ),
        (
            {"cron": "30 2 * * *", "exclude": ["* 3 * * *"], **BERLIN},
            [f"02:30 comes twice {TWICE}; it fires the first time (+02:00)"],
        ),
        ({"cron": "30 2 * * *", "gap": "skip", "exclude": ["* * * 3,10 *"], **BERLIN}, []),
        ({"cron": "30 2 * * *", "end": "2027-03-01T00:00", **BERLIN}, []),
        (
            {"cron": "30 2 * * *", "start": "2027-04-01T00:00", **BERLIN},
            [f"02:30 comes twice {TWICE}; it fires the first time (+02:00)"],
        ),
        ({"cron": "30 2 * * 1-5", **BERLIN}, []),
        ({"cron": "*/5 * * * *", **BERLIN}, []),
        ({"cron": "0 9 * * *", **BERLIN}, []),
        ({"cron": "30 2 * * *"}, []),
        ({"every": "PT1H", "anchor": "2026-01-01T00:00Z"}, []),
        ({"manual": True}, []),
        (
            {"cron": "15 2 * * *", "timezone": "Australia/Lord_Howe"},
            [
                "02:15 does not exist on 2027-10-03 in Australia/Lord_Howe, where the clock goes forward by 30 minutes"
                "; it fires at 02:30+11:00 instead"
            ],
        ),
    ],
)
def test_the_next_time_that_is_skipped_and_the_next_that_comes_twice(fields: dict[str, Any], said: list[str]) -> None:
    assert clock_change_notes(parse(fields), NOW) == said
