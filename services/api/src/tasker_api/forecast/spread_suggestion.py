"""PURE. The smallest `spread` that flattens the peaks of a forecast, with what they become.

It is flat when no bucket is higher than twice the usual one (the median), or than a tenth of the highest one before.
What counts as a peak is higher than half way between the usual bucket and the highest one. Suggested is a
spread for the tasks that make peaks: those of groups that have none and make a hundredth of a peak or more. Of a group
whose times are closer together than the spread nothing would be gained, so it is left as it is.

A task's delay is a hash of its id: each second of the spread is as likely as the other. So the runs of a group are
shared out evenly, and a real bucket of n runs differs by about √n.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import ceil
from statistics import median
from typing import Final, NamedTuple

from tasker_api.forecast.bucket_counts import BucketCounts
from tasker_api.forecast.window import Window
from tasker_core.schedules.schedule import NEVER
from tasker_core.time.zones import DAY
from tasker_core.timing.fire_times import Timing, nominal_times

WINDOWS: Final = (1, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, DAY)
"""The spreads that are tried, in seconds."""
_SHARE: Final = 0.01
_TIMES_THE_USUAL: Final = 2
_OF_THE_PEAK: Final = 0.1
_NEARLY_AS_GOOD: Final = 1.1
_WORTH_IT: Final = 0.9


class SpreadSuggestion(NamedTuple):
    """A spread of `seconds` for these groups (by their index) makes the highest bucket one of `runs`, about."""

    seconds: int
    groups: list[int]
    bucket: int
    runs: int


class _Candidate(NamedTuple):
    group: int
    tasks: int
    nominal: Sequence[int]
    gap: int


def suggest_spread(counts: BucketCounts) -> SpreadSuggestion | None:
    """The smallest spread that flattens the peaks, else the best one; None when none lowers them by a tenth."""
    peak, usual, candidates = max(counts.runs), median(counts.runs), _candidates(counts)
    tried: list[SpreadSuggestion] = []
    for seconds in WINDOWS:
        chosen = [one for one in candidates if one.gap > seconds]
        if seconds >= counts.window.width and chosen:
            runs = _spread(counts, chosen, seconds)
            highest = max(range(len(runs)), key=runs.__getitem__)
            tried.append(SpreadSuggestion(seconds, [one.group for one in chosen], highest, ceil(runs[highest])))
    if not tried:
        return None
    flat = max(usual * _TIMES_THE_USUAL, peak * _OF_THE_PEAK, min(one.runs for one in tried) * _NEARLY_AS_GOOD)
    found = next(one for one in tried if one.runs <= flat)
    return found if found.runs <= peak * _WORTH_IT else None


def peak_runs(counts: BucketCounts, bucket: int) -> Iterable[tuple[int, int]]:
    """The groups that fire in a bucket, by index, and how many runs each makes there."""
    begin = max(counts.window.begin(bucket), counts.window.first)
    end = min(counts.window.begin(bucket) + counts.window.width, counts.window.end)
    for index in counts.in_bucket[bucket]:
        group, timing = counts.groups[index]
        if timing.offset:  # of so many groups each has few tasks
            yield index, group.tasks
        else:
            yield index, group.tasks * sum(1 for _ in nominal_times(timing, begin, end))


def _candidates(counts: BucketCounts) -> list[_Candidate]:
    level, width = (max(counts.runs) + median(counts.runs)) / 2, counts.window.width
    indexes = {i for bucket, runs in enumerate(counts.runs) if runs > level for i in counts.in_bucket[bucket]}
    # A group that fires in each second of a bucket makes `width` runs a task in it, none makes more.
    large = (i for i in sorted(indexes) if counts.groups[i][0].tasks * width >= level * _SHARE)
    plain = (i for i in large if counts.groups[i][1].offset is None)
    return [one for one in (_candidate(counts, i, level * _SHARE) for i in plain) if one is not None]


def _candidate(counts: BucketCounts, index: int, least: float) -> _Candidate | None:
    group, timing = counts.groups[index]
    window = counts.window
    nominal = tuple(nominal_times(timing, window.first - DAY, window.end))
    if not _makes(group.tasks, nominal, window, least):
        return None
    return _Candidate(index, group.tasks, nominal, _gap(timing, nominal, window))


def _makes(tasks: int, nominal: Sequence[int], window: Window, least: float) -> bool:
    """Whether a group makes at least so many runs in some bucket."""
    most = here = 0
    last = -1
    for at in nominal:
        if at >= window.first:
            bucket = window.bucket(at)
            here = here + 1 if bucket == last else 1
            last, most = bucket, max(most, here)
    return most * tasks >= least


def _gap(timing: Timing, nominal: Sequence[int], window: Window) -> int:
    """The least distance of two of its times."""
    following = next(nominal_times(timing, window.end, window.end + DAY + 1), NEVER)
    return min((later - at for at, later in pairwise((*nominal, following))), default=NEVER)


def _spread(counts: BucketCounts, chosen: Sequence[_Candidate], seconds: int) -> list[float]:
    """The runs by bucket when the groups chosen have a spread of so many seconds."""
    window, runs = counts.window, [float(one) for one in counts.runs]
    level = [0.0] * (window.buckets + 1)
    at_once: dict[int, int] = {}
    for one in chosen:
        for at in one.nominal:
            at_once[at] = at_once.get(at, 0) + one.tasks
    for at, tasks in at_once.items():
        if at >= window.first:
            runs[window.bucket(at)] -= tasks
        _share_out(runs, level, window, at, at + seconds + 1, tasks / (seconds + 1))
    whole = 0.0
    for bucket in range(window.buckets):
        whole += level[bucket]
        runs[bucket] += whole
    return runs


def _share_out(runs: list[float], level: list[float], window: Window, begin: int, end: int, rate: float) -> None:
    """Add `rate` runs a second from `begin` up to `end`; to whole buckets by where their level rises and falls."""
    begin, end = max(begin, window.first), min(end, window.end)
    if begin >= end:
        return
    first, last = window.bucket(begin), window.bucket(end - 1)
    if first == last:
        runs[first] += rate * (end - begin)
        return
    runs[first] += rate * (window.begin(first + 1) - begin)
    runs[last] += rate * (end - window.begin(last))
    level[first + 1] += rate * window.width
    level[last] -= rate * window.width
