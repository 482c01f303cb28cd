"""PURE. A forecast of the runs that come."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from tasker_api.forecast.bucket_counts import BucketCounts, TimingGroup, count_runs
from tasker_api.forecast.group_words import named_groups
from tasker_api.forecast.spread_suggestion import SpreadSuggestion, peak_runs, suggest_spread
from tasker_api.forecast.window import Window
from tasker_api.schemas.schedules import (
    Forecast,
    ForecastBucket,
    ForecastGroup,
    ForecastPeak,
    ForecastSpread,
    SpreadTasks,
)
from tasker_core.calendars.calendar_days import CalendarDays
from tasker_core.schedules.wording import duration_in_words
from tasker_core.time.zones import utc

_NAMED: Final = 10


def forecast(
    groups: Iterable[TimingGroup], window: Window, calendars: Mapping[str, CalendarDays] = MappingProxyType({})
) -> Forecast:
    """The forecast for groups of tasks, with the days of calendars by their names.

    Raises InvalidInput when it would be too much work.
    """
    counts = count_runs(groups, window, calendars)
    total = sum(counts.runs)
    return Forecast.model_validate(
        {
            "from": utc(window.start),
            "to": utc(window.end),
            "bucket": timedelta(seconds=window.width),
            "tasks": counts.tasks,
            "runs": total,
            "buckets": [_bucket(counts, bucket, runs) for bucket, runs in enumerate(counts.runs)],
            "peak": _peak(counts) if total else None,
            "spread": _suggestion(counts) if total else None,
            "notes": list(_notes(counts)),
        }
    )


def _bucket(counts: BucketCounts, bucket: int, runs: int) -> ForecastBucket:
    return ForecastBucket(at=utc(counts.window.begin(bucket)), runs=runs)


def _peak(counts: BucketCounts) -> ForecastPeak:
    highest = max(range(len(counts.runs)), key=counts.runs.__getitem__)
    firing = [(counts.groups[i][1], counts.groups[i][0].tasks, runs) for i, runs in peak_runs(counts, highest)]
    return ForecastPeak(
        at=utc(counts.window.begin(highest)),
        runs=counts.runs[highest],
        made_by=[ForecastGroup(schedule=w, tasks=t, runs=r) for w, t, r in named_groups(firing, _NAMED)],
    )


def _suggestion(counts: BucketCounts) -> ForecastSpread | None:
    if (found := suggest_spread(counts)) is None:
        return None
    chosen = [counts.groups[index] for index in found.groups]
    named = named_groups(((timing, group.tasks, group.tasks) for group, timing in chosen), _NAMED)
    tasks, length = sum(group.tasks for group, _ in chosen), timedelta(seconds=found.seconds)
    return ForecastSpread(
        spread=length,
        tasks=tasks,
        schedules=[SpreadTasks(schedule=one.words, tasks=one.tasks) for one in named],
        highest=_bucket(counts, found.bucket, found.runs),
        text=_text(counts, found, tasks),
    )


def _text(counts: BucketCounts, found: SpreadSuggestion, tasks: int) -> str:
    width = duration_in_words(timedelta(seconds=counts.window.width))
    spread, peak = duration_in_words(timedelta(seconds=found.seconds)), max(counts.runs)
    whose = f"the {tasks:,} tasks of these schedules" if tasks > 1 else "this task"
    return f"A spread of {spread} for {whose} lowers the peak from {peak:,} runs in {width} to about {found.runs:,}"


def _notes(counts: BucketCounts) -> Iterable[str]:
    window = counts.window
    if not counts.groups and not counts.unknown:
        yield "none of these tasks is active with times that come: what is paused or over does not fire"
    if window.start < window.now:
        yield f"counted from now on, {utc(window.now):%Y-%m-%dT%H:%M:%SZ}: what was due before is not in it"
    if counts.limited:
        has = "1 task has" if counts.limited == 1 else f"{counts.limited:,} tasks have"
        yield f"{has} max_runs: how often they ran before is not known here, and all of max_runs is taken as to come"
    if counts.unknown:
        times = "the times of 1 task" if counts.unknown == 1 else f"the times of {counts.unknown:,} tasks"
        why = "what they leave out is nearly all or not known here"
        yield f"{times} can't be told: a later release defined them, or {why}"
