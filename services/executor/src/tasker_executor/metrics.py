"""The metrics of the executor."""

from functools import cache
from typing import Final

from tasker_runtime.metrics.definitions import counter, gauge, histogram
from tasker_runtime.metrics.service_metrics import announce_dead_letters

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300)
FAILURE_REASONS: Final = frozenset(
    {
        *("blocked_address", "connect", "disconnected", "dns", "http_status", "invalid_url", "protocol", "tls"),
        *("too_many_redirects", "unknown_secret", "unusable_secret"),
        *("kafka", "own_topic", "unknown_topic"),
        *(
            "error",
            "invalid_payload",
            "message_too_large",
            "plugin_broken",
            "process_died",
            "result_not_json",
            "result_too_large",
            "timeout",
            "too_old",
        ),
        *("callbacks_not_set_up", "oauth2", "proxy", "reported", "template", "unexpected_body"),
        "unknown_handler",
    }
)
"""The kinds of failure of Tasker's own; plug-ins may have any others, so they all count as `other`."""

SLOTS = gauge("tasker_executor_slots", "Runs that this process carries out at once.")
IN_FLIGHT = gauge("tasker_executor_in_flight_runs", "Runs that hold a slot.", ["lane"])
WAITING = gauge("tasker_executor_waiting_runs", "Runs that were read and wait for a slot or for their host.", ["lane"])
QUEUED = gauge("tasker_executor_queued_runs", "Runs that wait for an earlier run of their task, as it wants them to.")
LAG = gauge("tasker_executor_lag_records", "Records that are not read yet.", ["topic", "partition"])
BACKLOG_AGE = gauge(
    "tasker_executor_backlog_age_seconds",
    "For how long the oldest run has waited in Kafka to be read, or, once read, for a slot or its host.",
    ["lane"],
)
UNACKNOWLEDGED = gauge("tasker_executor_unacknowledged_results", "Results on their way to Kafka.")
UNACKNOWLEDGED_BYTES = gauge(
    "tasker_executor_unacknowledged_bytes",
    "What the results take that wait for Kafka; at 64 MiB nothing is read or started until some are written.",
)
ATTEMPTS = counter("tasker_executor_attempts_total", "Attempts that ended, by outcome.", ["handler", "outcome"])
FAILURES = counter(
    "tasker_executor_failures_total",
    "Attempts that failed, by the kind of their error; kinds of plug-ins' own count as `other`.",
    ["handler", "reason"],
)
DURATION = histogram(
    "tasker_executor_attempt_seconds", "From the start to the end of an attempt.", ["handler"], buckets=_SECONDS
)
LATENESS = histogram(
    "tasker_executor_start_lateness_seconds",
    "From the time that a run was due at to the start of an attempt; of retries and late runs, too.",
    ["lane"],
    buckets=_SECONDS,
)
OVERLAPS = counter(
    "tasker_executor_overlaps_total",
    "Runs that found another one of their task unfinished, and what was decided: wait, skip or replace.",
    ["policy", "decision"],
)
LOST = counter(
    "tasker_executor_lost_offsets_total", "Offsets of due runs that Kafka lost before they were read.", ["topic"]
)
RETRIES = counter("tasker_executor_retries_total", "Next attempts asked for.", ["handler"])
WAITS = counter(
    "tasker_executor_waits_total", "Attempts that were answered with 202 and wait for their callback.", ["handler"]
)
ALERTS = counter(
    "tasker_executor_alerts_total", "Messages about tasks, by how their delivery has ended for good.", ["outcome"]
)
for _topic in ("due-tasks", "due-background"):
    LOST.labels(_topic)
for _outcome in ("succeeded", "failed"):
    ALERTS.labels(_outcome)
ABANDONED = counter(
    "tasker_executor_abandoned_runs_total", "Runs left to the next owner because their partition went to it."
)

announce_dead_letters("executor", {"due-tasks": ("unusable", "failed"), "due-background": ("unusable", "failed")})

# Finding a labelled metric costs more than using it.
attempts = cache(ATTEMPTS.labels)
duration = cache(DURATION.labels)
overlaps = cache(OVERLAPS.labels)
retries = cache(RETRIES.labels)
waits = cache(WAITS.labels)
lateness = cache(LATENESS.labels)


def count_lost(topic: str, offsets: int) -> None:
    """Count offsets of a topic, by its name without the installation's prefix."""
    LOST.labels(topic.rpartition(".")[2]).inc(offsets)


def count_failure(handler: str, kind: str) -> None:
    """Count a failed attempt by the kind of its error, whatever word a plug-in has for it."""
    FAILURES.labels(handler, kind if kind in FAILURE_REASONS else "other").inc()
