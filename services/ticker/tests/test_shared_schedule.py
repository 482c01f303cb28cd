"""What tasks of one schedule share of the search for their next times changes none of them."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.schedules.effective_schedule import EffectiveSchedule
from tasker_core.schedules.schedule import NEVER, for_task, from_json
from tasker_ticker.scheduling.memory.shared_schedule import OneTimeSchedule, SchedulePool, resolved_text

BASE = int(datetime(2026, 3, 29, 0, 58, tzinfo=UTC).timestamp())  # two minutes before the clocks change in Berlin


def instant(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()


BERLIN = {"timezone": "Europe/Berlin"}
WRITTEN: list[dict[str, Any]] = [
    {"at": instant(BASE + 40)},
    {"cron": "*/10 * * * * *"},
    {"cron": "* * * * * *", "exclude": ["40 * * * * *"]},
    {"cron": "0 * * * *", "start": instant(BASE + 33), "end": instant(BASE + 170)},
    {"cron": "0 30 2 * * *"} | BERLIN,
    {"cron": "0 3 * * *", "exclude": ["2026-03-01/2026-03-31", "0 3 * * 1-5"]} | BERLIN,
    {"cron": "30 * * ? * SUN 2026"} | BERLIN,
    {"cron": "* * * * *", "exclude": ["* * * * *"]},
    {"every": "PT17S", "anchor": instant(BASE - 5)},
    {"every": "P1D", "at": "02:30:00", "anchor": "2026-01-29"} | BERLIN,
    {"any": [{"cron": "*/20 * * * * *"}, {"every": "PT7S", "anchor": instant(BASE)}]},
    {"manual": True},
]
TEXTS = [from_json(msgspec.json.encode(one)).model_dump_json(exclude_none=True).encode() for one in WRITTEN]
instants = st.integers(BASE - 100, BASE + 300) | st.integers(BASE - 400 * 86_400, BASE + 400 * 86_400)
asked = st.tuples(
    instants, st.integers(0, 90) | st.just(0) | st.integers(0, 90_000), instants, instants | st.just(-NEVER)
)


@given(st.sampled_from(TEXTS), st.lists(asked, min_size=1, max_size=8))
def test_the_next_time_is_that_of_the_schedule_alone(text: bytes, questions: list[tuple[int, int, int, int]]) -> None:
    shared, schedule = SchedulePool().of(text, "a"), from_json(text)
    for after, offset, since, dealt_with in questions:
        alone = EffectiveSchedule(schedule, offset, since, dealt_with).next_due(after)
        found = shared.next_due(after, offset, since, dealt_with)
        assert (type(found), found) == (type(alone), alone)


@pytest.mark.parametrize(
    "written",
    [
        {"cron": "H H * * *"},
        {"cron": "H/15 8 * * MON-FRI", "spread": "PT5M"} | BERLIN,
        {"any": [{"cron": "H 3 * * *"}, {"cron": "0 H(1-5) * * *"}]},
        {"cron": "0 3 * * THU"},
        {"at": instant(BASE)},
    ],
)
def test_an_h_becomes_the_value_of_its_task(written: dict[str, Any]) -> None:
    text = from_json(msgspec.json.encode(written)).model_dump_json(exclude_none=True).encode()
    for number in range(50):
        task_id = f"t{number}"
        assert from_json(resolved_text(text, task_id)) == for_task(from_json(text), task_id)


@pytest.mark.parametrize("spread", [{}, {"spread": "PT2M"}])
@pytest.mark.parametrize(
    "at",
    [
        {"at": "2027-01-15T08:00:01Z"},
        {"at": "2027-01-15T10:00:00.250+02:00"},
        {"at": "2027-01-15T09:00:01", "timezone": "Europe/Berlin"},
    ],
)
def test_a_one_time_task_is_over_at_its_own_time(at: dict[str, str], spread: dict[str, str]) -> None:
    text = from_json(msgspec.json.encode(at | spread)).model_dump_json(exclude_none=True).encode()
    shared = SchedulePool().of(text, "a")
    assert isinstance(shared, OneTimeSchedule)
    offset = shared.offset_for("a")
    assert bool(offset) == bool(spread)
    assert shared.over_at("a") == 1_800_000_001 + offset == shared.next_due(0, offset, 0, -NEVER)[-1]
