"""A histogram that takes in many values at once, for where one observation a value would cost too much."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from tasker_runtime.metrics.definitions import REGISTRY, Collector, HistogramMetricFamily, define


class BatchHistogram(Collector):
    """A Prometheus histogram with at most one label, of known values; all of them are shown from the beginning.

    Some 0.1 µs a value in large batches. Used from one thread, which also answers the scrapes.
    """

    def __init__(
        self,
        name: str,
        meaning: str,
        label: str | None = None,
        values: Sequence[str] = ("",),
        *,
        buckets: Sequence[float],
    ) -> None:
        self._name, self._meaning = name, meaning
        self._labels = () if label is None else (label,)
        self._buckets = tuple(map(float, buckets))
        self._counts: dict[str, list[int]] = {value: [0] * (len(buckets) + 1) for value in values}
        """How many were at most each bound, and in all."""
        self._sums: dict[str, float] = dict.fromkeys(values, 0.0)
        define(name, "histogram", meaning, self._labels)
        REGISTRY.register(self)

    def observe(self, seen: Sequence[float], label_value: str = "") -> None:
        """Take in what was seen. Raises KeyError for a label value that was not announced."""
        counts, ordered = self._counts[label_value], sorted(seen)
        for index, bound in enumerate(self._buckets):
            counts[index] += bisect_right(ordered, bound)
        counts[-1] += len(ordered)
        self._sums[label_value] += sum(ordered)

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """As Collector says."""
        family = HistogramMetricFamily(self._name, self._meaning, labels=self._labels)
        bounds = [*map(str, self._buckets), "+Inf"]
        for value, counts in self._counts.items():
            buckets = list(zip(bounds, counts, strict=True))
            family.add_metric([value] * len(self._labels), buckets=buckets, sum_value=self._sums[value])
        yield family
