"""Several schedules in one, asked by several threads at once, as by forecasts for which other requests do not wait."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from pydantic import TypeAdapter

from tasker_core.schedules.kinds.any_of import AnyOf
from tasker_core.schedules.schedule import Schedule
from tasker_core.time.zones import DAY

FIRST = 1_800_000_000
DAILY: dict[str, Any] = {"any": [{"cron": f"{i} {i} * * *"} for i in range(20)], "timezone": "Europe/Berlin"}


def daily() -> AnyOf:
    made = TypeAdapter[Schedule](Schedule).validate_python(DAILY)
    assert isinstance(made, AnyOf)
    return made


def forward(schedule: AnyOf, day: int) -> list[int]:
    found, at = list[int](), FIRST + day * DAY
    while (at := schedule.next_after(at)) < FIRST + (day + 20) * DAY:
        found.append(at)
    return found


def back(schedule: AnyOf, day: int) -> list[int]:
    found, at = list[int](), FIRST + (day + 20) * DAY
    while (at := schedule.previous_before(at)) > FIRST + day * DAY:
        found.append(at)
    return found


@pytest.mark.parametrize("way", [forward, back])
def test_what_one_thread_asks_changes_no_answer_to_another(way: Callable[[AnyOf, int], list[int]]) -> None:
    shared, days = daily(), [0, 3, 7, 30] * 10
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(partial(way, shared), days))
    assert found == [way(daily(), day) for day in days]


def test_the_members_of_a_time_are_known_whatever_was_asked_before() -> None:
    schedule = daily()
    at = schedule.next_after(FIRST)
    for asked in (FIRST + 9 * DAY, FIRST - 9 * DAY):
        schedule.next_after(asked)
        assert schedule.members_at(at) == [at // 3600 % 24 + 1]
    assert schedule.members_at(at + 1) == []
