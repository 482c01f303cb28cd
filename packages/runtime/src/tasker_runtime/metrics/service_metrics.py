"""The metrics that every service has."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Final, Literal

from tasker_core.topics import TopicName
from tasker_runtime.metrics.definitions import counter, gauge, generate_latest

Component = Literal["ticker", "executor", "log-sink", "api"]
DeadLetterReason = Literal["unusable", "failed"]
"""`unusable`: no service can use the record. `failed`: a run that has failed for good."""

BUILD_INFO: Final = gauge("tasker_build_info", "1, with the service and its version.", ["component", "version"])
PARTITIONS: Final = gauge("tasker_partitions", "Partitions of every topic, by the settings of this process.")
HEALTH_CHECK: Final = gauge(
    "tasker_health_check", "1 while a check of /readyz holds, else 0; Kafka and MongoDB are among them.", ["check"]
)
DEAD_LETTERS: Final = counter(
    "tasker_dead_letters_total",
    "Dead letters written, by the topic of their record: `unusable` records, and runs that `failed` for good.",
    ["component", "topic", "reason"],
)
SPANS: Final = counter(
    "tasker_tracing_spans_total",
    "Spans: `exported`; `failed`, which the receiver did not take; `dropped`, as too many waited to be sent.",
    ["component", "outcome"],
)


def show_process(component: Component, partitions: int) -> None:
    """Say which service this process is, and with how many partitions."""
    BUILD_INFO.labels(component, version("tasker-runtime")).set(1)
    PARTITIONS.set(partitions)


def announce_dead_letters(component: Component, topics: Mapping[TopicName, tuple[DeadLetterReason, ...]]) -> None:
    """Show what can occur from 0 on: Prometheus sees no growth in a series that begins with 1."""
    for topic, reasons in topics.items():
        for reason in reasons:
            DEAD_LETTERS.labels(component, topic, reason)


def count_dead_letter(component: str, topic: str, reason: DeadLetterReason) -> None:
    """Count one; `topic` is the full name, whose prefix has no dot."""
    DEAD_LETTERS.labels(component, topic.rpartition(".")[2], reason).inc()


def exposed(checks: Mapping[str, bool]) -> bytes:
    """All metrics in Prometheus' text format, with the checks as they stand."""
    HEALTH_CHECK.clear()
    for check, holds in checks.items():
        HEALTH_CHECK.labels(check).set(holds)
    return generate_latest()
