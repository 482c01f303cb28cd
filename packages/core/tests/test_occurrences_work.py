"""The work of a search is bounded, however odd the schedule; an unfinished search differs from an empty one."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from tasker_core.schedules.occurrences import WORK, NothingUntil, Occurrence, search, search_back
from tasker_core.schedules.reachability import unreachable_errors
from tasker_core.schedules.schedule import Schedule
from tasker_core.testing import Unanswered, next_nominal, previous_effective
from tasker_core.time.zones import END_OF_TIME

parse = TypeAdapter[Schedule](Schedule).validate_python
NOW = int(datetime(2027, 1, 15, 8, tzinfo=UTC).timestamp())
EVERY_SECOND = [f"{n} * * * * *" for n in range(40)]
ODD: dict[str, dict[str, Any]] = {
    "nothing is left": {"cron": "*/5 * * * *", "exclude": ["* * * * *"]},
    "nothing is left, in halves": {"cron": "* * * * *", "exclude": ["0-29 * * * *", "30-59 * * * *"]},
    "nothing is left, in seconds": {"cron": "* * * * * *", "exclude": ["*/2 * * * * *", "1-59/2 * * * * *"]},
    "nothing is left, by weekday": {"cron": "* * * * *", "exclude": ["* * * * 1-5", "* * * * 0,6"]},
    "nothing is left of a daily one": {"cron": "0 12 * * *", "exclude": ["0 12 * * *"]},
    "nothing is left of an interval": {"every": 2, "anchor": "2026-01-01T00:00Z", "exclude": ["*/2 * * * * *"]},
    "nothing is left of a long interval": {"every": "P1D", "anchor": "2026-01-01T00:00Z", "exclude": ["0 0 * * *"]},
    "nothing is left of leap days": {"cron": "0 0 29 2 *", "exclude": ["0 0 29 2 *"]},
    "fifty dense ones": {
        "cron": "* * * * * *",
        "exclude": [*EVERY_SECOND, *(f"40-59 {6 * n}-{6 * n + 5} * * * *" for n in range(10))],
    },
    "fifty days": {
        "cron": "* * * * * *",
        "exclude": [*(f"* * {n} * *" for n in range(1, 32)), *(f"* * * * {n % 7}#{n % 5 + 1}" for n in range(19))],
    },
    "the 31st is left": {"cron": "*/5 * * * *", "exclude": [f"* * {n} * *" for n in range(1, 31)]},
    "halves of weekdays": {"cron": "0 9 * * *", "exclude": ["0 9 * * 1-5", "0 9 * * 0,6"]},
    "a long range": {"cron": "*/5 * * * *", "exclude": ["2020-01-01/2199-12-31"]},
    "a rare day": {"cron": "0 0 29 2 *", "exclude": ["* * * * 0-5"]},
    "a minute a week": {"cron": "* * * * *", "exclude": ["* * * * 1-6", "0-58 * * * 0", "59 0-22 * * 0"]},
    "its own days": {"cron": "*/5 * * * *", "exclude": ["*/5 * * * 1-5"]},
    "its own months": {"cron": "0 9 * * *", "exclude": ["0 9 * 1-11 *"]},
    "an interval's own months": {"every": "PT1H", "anchor": "2026-01-01T00:00Z", "exclude": ["0 * * 1-11 *"]},
    "all but one second": {"cron": "* * * * * *", "exclude": ["0-58 * * * * *", "59 1-59 * * * *", "59 0 1-23 * * *"]},
}


def steps(schedule: Schedule, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts how often a search asks the schedule; each answer costs microseconds at most."""
    counted: list[int] = []

    def counting(ask: Callable[[Schedule, int], int]) -> Callable[[Schedule, int], int]:
        def asked(schedule: Schedule, at: int) -> int:
            counted.append(at)
            return ask(schedule, at)

        return asked

    kind = type(schedule)
    for name in ("next_after", "previous_before"):
        monkeypatch.setattr(kind, name, counting(getattr(kind, name)))
    return counted


@pytest.mark.parametrize("timezone", ["UTC", "America/Santiago"])
@pytest.mark.parametrize("name", ODD)
def test_no_schedule_takes_more_than_its_share_of_work(
    name: str, timezone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = ODD[name] | ({"timezone": timezone} if "cron" in ODD[name] else {})
    schedule = parse(fields)
    counted = steps(schedule, monkeypatch)
    for offset in (0, 86_400):
        for ask in (search, search_back):
            counted.clear()
            found = ask(schedule, NOW, offset)
            # An entry counts twice a step, and a step six at least.
            assert len(counted) <= 3 * (WORK // 6)
            assert len(counted) * len(fields["exclude"]) <= 3 * WORK
            assert isinstance(found, Occurrence) == (not isinstance(found, NothingUntil))
    emptied = name.startswith(("nothing", "fifty", "halves", "a long"))
    assert bool(unreachable_errors(schedule, NOW)) == emptied


def test_what_cannot_be_answered_is_told_apart_from_nothing() -> None:
    schedule = parse(ODD["nothing is left, in halves"])
    with pytest.raises(Unanswered, match="no occurrence as far as 2027-") as gave_up:
        next_nominal(schedule, NOW)
    assert NOW + 100 * 86_400 < gave_up.value.checkpoint < END_OF_TIME
    with pytest.raises(Unanswered):
        previous_effective(schedule, NOW, 50)
    refused = unreachable_errors(schedule, NOW)
    assert [error.pointer for error in refused] == ["/schedule/exclude"]
    assert refused[0].message.startswith("leaves no occurrence before 2027-")
    assert unreachable_errors(parse(ODD["nothing is left"]), NOW)[0].message == "leaves no occurrence; exclude less"


def test_what_is_over_is_not_refused_for_its_exclusions() -> None:
    over = parse({"cron": "@daily", "end": "2026-01-01T00:00Z", "exclude": ["2025-01-01"]})
    assert [error.pointer for error in unreachable_errors(over, NOW)] == ["/schedule/end"]
