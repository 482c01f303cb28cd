"""The only import of prometheus_client: metrics are declared here, so that their table in docs/metrics.md is whole."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import REGISTRY, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

__all__ = [
    "CONTENT_TYPE_LATEST",
    "DEFINITIONS",
    "REGISTRY",
    "Collector",
    "Counter",
    "Gauge",
    "Histogram",
    "HistogramMetricFamily",
    "MetricDefinition",
    "counter",
    "define",
    "gauge",
    "generate_latest",
    "histogram",
]

disable_created_metrics()  # a second series for each counter, which nobody reads

MetricKind = Literal["counter", "gauge", "histogram"]


class MetricDefinition(NamedTuple):
    """One metric as it is exposed. `name` is that of its samples, without the suffixes of a histogram's."""

    name: str
    kind: MetricKind
    labels: tuple[str, ...]
    meaning: str


DEFINITIONS: Final[list[MetricDefinition]] = []
"""All metrics of the modules that are imported, in the order of their declaration."""


def define(name: str, kind: MetricKind, meaning: str, labels: Sequence[str] = ()) -> None:
    """Note a metric."""
    DEFINITIONS.append(MetricDefinition(name, kind, tuple(labels), meaning))


def counter(name: str, meaning: str, labels: Sequence[str] = ()) -> Counter:
    """A number that only grows; its name ends in `_total`."""
    define(name, "counter", meaning, labels)
    return Counter(name, meaning, labels)


def gauge(name: str, meaning: str, labels: Sequence[str] = ()) -> Gauge:
    """A number that goes up and down."""
    define(name, "gauge", meaning, labels)
    return Gauge(name, meaning, labels)


def histogram(name: str, meaning: str, labels: Sequence[str] = (), *, buckets: Sequence[float]) -> Histogram:
    """How often which values were seen, each observed by itself (about 1 µs)."""
    define(name, "histogram", meaning, labels)
    return Histogram(name, meaning, labels, buckets=buckets)
