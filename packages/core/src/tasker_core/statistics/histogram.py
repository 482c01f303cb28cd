"""PURE. Histograms of durations that can be put together, with percentiles of a known relative error.

The buckets are logarithmic, as in DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch",
VLDB 2019): of two histograms the counts are added, and the sum is the histogram of all values together.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil, log
from typing import Final, TypeVar

K = TypeVar("K", int, str)
RELATIVE_ERROR: Final = 0.05
"""A percentile differs from the true value by at most this share of it."""
_GROWTH: Final = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_LOG_GROWTH: Final = log(_GROWTH)
_MIDDLE: Final = 2 / (_GROWTH + 1)
"""Of a bucket's upper bound: the value that is as far from either end, in relation to it."""


@lru_cache(maxsize=1 << 16)
def bucket_of(ms: int) -> int:
    """The bucket of a duration: 0 for none at all (and for what clocks made negative), then bounds of growth^n ms."""
    return 0 if ms <= 0 else ceil(log(ms) / _LOG_GROWTH) + 1


def value_of(bucket: int) -> float:
    """What stands for the durations of a bucket, in ms."""
    return 0.0 if bucket == 0 else _GROWTH ** (bucket - 1) * _MIDDLE


@dataclass(slots=True)
class DurationHistogram:
    """Durations in ms: how many in each bucket, and the longest one, exact."""

    counts: dict[int, int] = field(default_factory=dict[int, int])
    worst: int = 0

    def add(self, durations: Sequence[int]) -> None:
        """Take durations in."""
        counts = self.counts
        if durations:
            self.worst = max(self.worst, max(durations))
            for bucket, number in Counter(map(bucket_of, durations)).items():
                counts[bucket] = counts.get(bucket, 0) + number

    def merge(self, other: "DurationHistogram") -> None:
        """Take in what another one has."""
        counts = self.counts
        for bucket, number in other.counts.items():
            counts[bucket] = counts.get(bucket, 0) + number
        self.worst = max(self.worst, other.worst)

    def percentile(self, share: float) -> float | None:
        """The duration in ms that this share of all does not exceed (nearest rank); None without any."""
        total = sum(self.counts.values())
        left = max(1, ceil(share * total))
        for bucket in sorted(self.counts):
            left -= self.counts[bucket]
            if left <= 0:
                return min(value_of(bucket), float(self.worst))
        return None


def without(counts: Mapping[K, int], less: Mapping[K, int]) -> dict[K, int]:
    """Counts less others; what is 0 then is left out."""
    found = {key: counts.get(key, 0) - less.get(key, 0) for key in counts.keys() | less.keys()}
    return {key: number for key, number in found.items() if number}
