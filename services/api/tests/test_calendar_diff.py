"""What other days would change: against listing all coming times under both."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tasker_api.calendars.calendar_diff import DiffWork, changed_days, schedule_diff
from tasker_api.schedules.nominal_times import nominal_times
from tasker_core.calendars.calendar_days import CalendarDays, calendar_days, entry_of
from tasker_core.schedules.schedule import Schedule

SCHEDULE: TypeAdapter[Schedule] = TypeAdapter(Schedule)
START = int(datetime(2026, 3, 20, 7, tzinfo=UTC).timestamp())
END = START + 30 * 86_400
DAYS = st.sets(st.integers(0, 40)).map(
    lambda days: calendar_days(sorted(str(date(2026, 3, 15) + timedelta(days=day)) for day in days))
)


def listed(schedule: Schedule, days: dict[str, CalendarDays]) -> set[int]:
    return {at for at in nominal_times(schedule.with_calendars(days), START, END) if isinstance(at, int)}


@given(
    DAYS,
    DAYS,
    DAYS,
    st.sampled_from(["Europe/Berlin", "Pacific/Kiritimati", "America/Los_Angeles", "UTC"]),
    st.sampled_from(["exclude_calendars", "require_calendars"]),
)
def test_it_is_the_difference_of_all_times(
    old: CalendarDays, new: CalendarDays, other: CalendarDays, zone: str, how: str
) -> None:
    options: dict[str, Any] = {"cron": "0 */7 * * *", "timezone": zone, "exclude_calendars": ["other"]}
    schedule = SCHEDULE.validate_python(options | {how: [*(["other"] if how == "exclude_calendars" else []), "it"]})
    days = {"it": old, "other": other}
    before, after = listed(schedule, days), listed(schedule, days | {"it": new})
    diff = schedule_diff(schedule, "it", days, new, (START, END), DiffWork())
    assert (diff.removed, diff.added) == (len(before - after), len(after - before))
    assert diff.first_removed == sorted(before - after)[:5]
    assert diff.first_added == sorted(after - before)[:5]


def test_days_gained_and_lost() -> None:
    old, new = calendar_days(["2026-01-01/2026-01-10"]), calendar_days(["2026-01-05", "2026-02-01/2026-02-03"])
    gained, lost = changed_days(old, new)
    assert [entry_of(one) for one in gained] == ["2026-02-01/2026-02-03"]
    assert [entry_of(one) for one in lost] == ["2026-01-01/2026-01-04", "2026-01-06/2026-01-10"]


def test_it_tells_when_nothing_is_left_to_come_and_when_it_stopped_looking() -> None:
    schedule = SCHEDULE.validate_python({"cron": "* * * * * *", "require_calendars": ["it"]})
    days = {"it": calendar_days(["2026-03-25"])}
    assert schedule_diff(schedule, "it", days, CalendarDays(()), (START, END), DiffWork()).never_again
    assert not schedule_diff(schedule, "it", days, CalendarDays(()), (START, END), DiffWork(1_000)).is_complete
