"""The metrics of the executor."""

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300)

IN_FLIGHT = Gauge("tasker_executor_in_flight_runs", "Runs that hold a slot, by lane.", ["lane"])
WAITING = Gauge("tasker_executor_waiting_runs", "Runs that wait for a slot, by lane.", ["lane"])
UNACKNOWLEDGED = Gauge("tasker_executor_unacknowledged_results", "Results on their way to Kafka.")
OUTCOMES = Counter("tasker_executor_runs_total", "Attempts that ended.", ["handler", "outcome"])
DURATION = Histogram("tasker_executor_run_seconds", "From start to end of an attempt.", ["handler"], buckets=_SECONDS)
LATENESS = Histogram(
    "tasker_executor_start_lateness_seconds", "From effective time to start.", ["lane"], buckets=_SECONDS
)
QUEUED = Gauge("tasker_executor_queued_runs", "Runs that wait for an earlier run of their task.")
OVERLAPS = Counter(
    "tasker_executor_overlaps_total",
    "Runs that found another one of their task unfinished, and what was decided: wait, skip or replace.",
    ["policy", "decision"],
)
RETRIES = Counter("tasker_executor_retries_total", "Next attempts asked for.", ["handler"])
DEAD_LETTERS = Counter("tasker_executor_dead_letters_total", "Dead letters written.")
ABANDONED = Counter("tasker_executor_abandoned_runs_total", "Runs stopped because their partition went.")

# Finding a labelled metric costs more than using it.
outcomes = cache(OUTCOMES.labels)
duration = cache(DURATION.labels)
overlaps = cache(OVERLAPS.labels)
retries = cache(RETRIES.labels)
lateness = cache(LATENESS.labels)
