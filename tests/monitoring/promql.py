"""What a PromQL expression asks for: the metrics, and the labels that it selects and groups by.

No parser: Prometheus' own checks the syntax (`make test-alerts`). Here only names are looked at.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from tasker_runtime.metrics.definitions import MetricDefinition

TARGET_LABELS: Final = frozenset({"namespace", "job", "instance"})
"""What Prometheus adds to what it scrapes; outside Kubernetes `namespace` is empty."""
CLIENT_METRICS: Final = frozenset(
    {
        "process_cpu_seconds_total",
        "process_max_fds",
        "process_open_fds",
        "process_resident_memory_bytes",
        "process_start_time_seconds",
        "up",
    }
)
_SUFFIXES: Final = ("_bucket", "_count", "_sum")
_SELECTOR: Final = re.compile(r"(?<![\w:.$\"])((?:tasker|process)[\w:]+|up)\b\s*(?:\{([^}]*)\})?")
_MATCHER: Final = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"")
_GROUPING: Final = re.compile(r"\b(?:by|on|without|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_RECORDED: Final = re.compile(r"^tasker:")


class Selector(NamedTuple):
    """One selector: the name of the series, and the labels that it matches."""

    name: str
    labels: tuple[str, ...]


def selectors(expression: str) -> Iterator[Selector]:
    """All selectors of an expression."""
    without_groupings = _GROUPING.sub("", expression)
    for name, matchers in _SELECTOR.findall(without_groupings):
        yield Selector(name, tuple(_MATCHER.findall(matchers)))


def problems(expression: str, metrics: Mapping[str, MetricDefinition], recorded: Mapping[str, str]) -> list[str]:
    """What of an expression there is not: metrics, labels of them, and labels to group by."""
    found: list[str] = []
    available = set(TARGET_LABELS)
    for name, labels in selectors(expression):
        known = _labels_of(name, metrics, recorded)
        if known is None:
            found.append(f"no metric {name}")
            continue
        available |= known
        found += [f"{name} has no label {label}" for label in labels if label not in known]
    for group in _GROUPING.findall(expression):
        wanted = [label.strip() for label in group.split(",") if label.strip()]
        found += [f"nothing has the label {label}" for label in wanted if label not in available]
    return found


def _labels_of(name: str, metrics: Mapping[str, MetricDefinition], recorded: Mapping[str, str]) -> set[str] | None:
    """The labels of a series, None when there is none of the name."""
    if _RECORDED.match(name):
        if name not in recorded:
            return None
        inner: set[str] = set(TARGET_LABELS)
        for selector in selectors(recorded[name]):
            inner |= _labels_of(selector.name, metrics, recorded) or set()
        return inner
    if name in CLIENT_METRICS:
        return set(TARGET_LABELS)
    metric = metrics.get(name)
    if metric is not None:
        return None if metric.kind == "histogram" else {*TARGET_LABELS, *metric.labels}
    for suffix in _SUFFIXES:
        metric = metrics.get(name.removesuffix(suffix))
        if name.endswith(suffix) and metric is not None and metric.kind == "histogram":
            return {*TARGET_LABELS, *metric.labels, *(("le",) if suffix == "_bucket" else ())}
    return None
