"""From when intervals count: what a put leaves out is what it was, or by default."""

from collections.abc import Sequence
from typing import cast

from tasker_core.schedules.kinds.calendar_interval import CalendarTimes
from tasker_core.schedules.kinds.interval import IntervalTimes
from tasker_core.schedules.kinds.times import ScheduleKind, Times
from tasker_core.schedules.schedule import Schedule
from tasker_core.time.wall_times import NEVER


def anchored(schedule: Schedule, creation: int, before: Schedule | None = None) -> Schedule:
    """The schedule with an anchor wherever it needs one.

    An interval without `anchor` is counted from `start`, which then stays its anchor by itself. Where there is no
    `start` either, or the edit leaves `start` as it was, it is counted as it was in the schedule `before`; else from
    the second `creation`.
    """
    if all(_anchor(part) is not None for part in schedule.parts):
        return schedule
    begin, former = schedule.bounds[0], before.parts if before else ()
    if before is not None and begin == -NEVER:
        former = tuple(part.completed(before.zone_name, before.bounds[0]) for part in former)
    elif before is not None and begin != before.bounds[0]:
        former = ()
    default = creation if begin == -NEVER else None
    parts = tuple(_counted(part, i, former, default) for i, part in enumerate(schedule.parts))
    return cast("Schedule", cast("ScheduleKind", schedule).with_parts(parts))


def _counted(part: Times, index: int, former: Sequence[Times], default: int | None) -> Times:
    """A part with the anchor of the former one that is alike, else of the one in its place, else from `default` on."""
    if not isinstance(part, IntervalTimes | CalendarTimes) or part.anchor is not None:
        return part
    kind = IntervalTimes if isinstance(part, IntervalTimes) else CalendarTimes
    alike = [old for old in former if isinstance(old, kind) and old.rhythm == part.rhythm]
    in_place = [old for old in former[index : index + 1] if isinstance(old, kind)]
    if found := [*alike, *in_place][:1]:
        anchor = found[0].anchor
    else:
        anchor = None if default is None else part.anchor_at(default)
    return part if anchor is None else part.model_copy(update={"anchor": anchor})


def _anchor(part: Times) -> str | None:
    """The anchor of a part; empty for one that needs none."""
    return part.anchor if isinstance(part, IntervalTimes | CalendarTimes) else ""
