"""The tables of docs/metrics.md: all metrics of all services, as they are declared."""

import importlib
from collections.abc import Iterable, Iterator
from typing import Final

from tasker_runtime.metrics.definitions import DEFINITIONS, MetricDefinition

PAGE: Final = "docs/metrics.md"
MODULES: Final = (
    "tasker_runtime.metrics.service_metrics",
    "tasker_ticker.metrics",
    "tasker_executor.metrics",
    "tasker_log_sink.metrics",
    "tasker_api.metrics",
)
GROUPS: Final = {
    "Of every service": "tasker_",
    "Ticker": "tasker_ticker_",
    "Executor": "tasker_executor_",
    "Log sink": "tasker_log_sink_",
    "API": "tasker_api_",
}
BEGIN: Final = "<!-- The tables are generated: `make contract`. -->"
END: Final = "<!-- End of the tables. -->"
_NO_UNIT: Final = frozenset({"tasker_build_info", "tasker_health_check"})


def all_metrics() -> list[MetricDefinition]:
    """The metrics of all services, in the order in which they are declared."""
    for module in MODULES:
        importlib.import_module(module)
    return list(DEFINITIONS)


def page(text: str) -> str:
    """The page with its tables made anew. Raises ValueError where it lacks the marks between which they are."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE} lacks the lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{tables(all_metrics())}\n{END}{after}"


def tables(metrics: Iterable[MetricDefinition]) -> str:
    """A table for each service."""
    groups: dict[str, list[MetricDefinition]] = {title: [] for title in GROUPS}
    for metric in metrics:
        groups[max(GROUPS, key=lambda title: metric.name.startswith(GROUPS[title]) * len(GROUPS[title]))].append(metric)
    return "\n".join(f"## {title}\n\n" + "\n".join(_table(some)) + "\n" for title, some in groups.items())


def _table(metrics: Iterable[MetricDefinition]) -> Iterator[str]:
    yield "| Metric | Type | Labels | Unit | Meaning |"
    yield "|---|---|---|---|---|"
    for metric in metrics:
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        yield f"| `{metric.name}` | {metric.kind} | {labels} | {_unit(metric)} | {metric.meaning} |"


def _unit(metric: MetricDefinition) -> str:
    if metric.name in _NO_UNIT:
        return ""
    name = metric.name.removesuffix("_total")
    if name.endswith("_timestamp_seconds"):
        return "Unix time in seconds"
    return name.rpartition("_")[2]
