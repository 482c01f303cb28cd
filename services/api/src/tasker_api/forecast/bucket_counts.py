"""PURE. How many runs come in each bucket, counted from groups of tasks that fire at the same instants."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import Final, NamedTuple

from tasker_api.forecast.window import Window
from tasker_core.calendars.calendar_days import CalendarDays
from tasker_core.errors import FieldError, InvalidInput
from tasker_core.time.zones import DAY
from tasker_core.timing.fire_times import (
    Timing,
    TimingUnknown,
    calendars_of,
    delayed_times,
    fire_times,
    nominal_times,
    read_timing,
)

MAX_TIMES: Final = 3_000_000
"""So many instants are looked at for one answer, whatever fires then: some seconds of work."""


class TimingGroup(NamedTuple):
    """So many tasks have this timing (timing_key.py)."""

    key: str
    tasks: int


@dataclass(slots=True)
class BucketCounts:
    """What comes in a window.

    `runs`: by bucket. `groups`: those of which the times are known, read, and `in_bucket` by bucket which of them fire
    then, by index. `unknown` are the tasks whose times can't be told, `limited` those with `max_runs`, of each of which
    at most so many are counted.
    """

    window: Window
    runs: list[int]
    in_bucket: list[list[int]]
    groups: list[tuple[TimingGroup, Timing]] = field(default_factory=list[tuple[TimingGroup, Timing]])
    tasks: int = 0
    unknown: int = 0
    limited: int = 0


def named_calendars(groups: Iterable[TimingGroup], most: int) -> list[str]:
    """The calendars that groups name, those with the most tasks first; at most so many."""
    tasks = Counter[str]()
    for group in groups:
        for name in calendars_of(group.key):
            tasks[name] += group.tasks
    return [name for name, _ in tasks.most_common(most)]


def count_runs(
    groups: Iterable[TimingGroup], window: Window, calendars: Mapping[str, CalendarDays] = MappingProxyType({})
) -> BucketCounts:
    """Count, with the days of calendars by their names. Raises InvalidInput when it would be too much work."""
    counts = BucketCounts(window, [0] * window.buckets, [[] for _ in range(window.buckets)])
    nominal, left = _SharedTimes(window), MAX_TIMES
    start, width, runs, in_bucket = window.start, window.width, counts.runs, counts.in_bucket
    for group in groups:
        try:
            timing = read_timing(group.key, calendars)
            times = list(islice(nominal.effective(group.key, timing), min(left + 1, timing.run_limit or left + 1)))
        except TimingUnknown:
            counts.unknown += group.tasks
            continue
        left -= len(times)
        if left < 0:
            message = "is too far for tasks that fire so often; give an earlier one, or filter the tasks"
            raise InvalidInput([FieldError(pointer="/query/to", message=message)])
        index, tasks = len(counts.groups), group.tasks
        counts.groups.append((group, timing))
        counts.tasks += tasks
        counts.limited += tasks if timing.run_limit else 0
        last = -1
        for at in times:
            bucket = (at - start) // width
            runs[bucket] += tasks
            if bucket != last:
                in_bucket[bucket].append(index)
                last = bucket
    return counts


class _SharedTimes:
    """Times of groups that differ in their delay only are looked for once."""

    def __init__(self, window: Window) -> None:
        self._window, self._nominal = window, dict[str, Sequence[int]]()

    def effective(self, key: str, timing: Timing) -> Iterator[int]:
        first, end = self._window.first, self._window.end
        if timing.at is not None:  # read because it comes; it may have been cut off to the minute
            first = self._window.start
        if not timing.offset:
            return fire_times(timing, first, end)
        text = key[: key.rindex("}")]
        nominal = self._nominal.get(text)
        if nominal is None:
            nominal = self._nominal[text] = tuple(islice(nominal_times(timing, first - DAY, end + DAY), MAX_TIMES))
        return delayed_times(nominal, timing.offset, first, end)
