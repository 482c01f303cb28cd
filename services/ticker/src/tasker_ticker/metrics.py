"""What the ticker counts."""

from collections.abc import Mapping
from contextlib import suppress
from typing import get_args

from tasker_core.messages.verdicts import MissedReason, VerdictWord
from tasker_runtime.metrics.definitions import counter, gauge, histogram
from tasker_runtime.metrics.service_metrics import announce_dead_letters
from tasker_ticker.scheduling.batch import TransactionBatch
from tasker_ticker.scheduling.scheduler import Scheduler

FIRE_DELAY = histogram(
    "tasker_ticker_fire_delay_seconds",
    "From a second that something is due in to the commit that makes it visible, once per transaction.",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
RUNS = counter("tasker_ticker_runs_total", "Runs emitted, by lane: `live` or `background`.", ["lane"])
MISSED = counter(
    "tasker_ticker_missed_ranges_total", "Ranges of occurrences that did not run, by the reason recorded.", ["reason"]
)
VERDICTS = counter("tasker_ticker_verdicts_total", "Answers to task events, by verdict.", ["verdict"])
TRANSACTIONS = counter("tasker_ticker_transactions_total", "Transactions committed.")
OWNERS_DISCARDED = counter(
    "tasker_ticker_doubts_total",
    "Owners discarded because the outcome of their work was in doubt, by the kind of error; each is restored anew.",
    ["reason"],
)
RESTORES = counter("tasker_ticker_restores_total", "Partitions taken over and restored from Kafka.", ["partition"])
RESTORE = histogram(
    "tasker_ticker_restore_seconds", "From fencing to the first batch.", buckets=(0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60)
)
HELD = gauge("tasker_ticker_held_tasks", "Tasks held.", ["partition"])
WATERMARK = gauge(
    "tasker_ticker_watermark_timestamp_seconds",
    "Unix time up to which the partition has emitted all that was due; shown by its owner alone.",
    ["partition"],
)
BACKLOG = gauge("tasker_ticker_due_backlog_runs", "Runs of the second at work that are not emitted yet.", ["partition"])
GAPS = gauge("tasker_ticker_background_gaps", "Outages that are being worked off in the background.", ["partition"])
PENDING = gauge("tasker_ticker_background_pending", "Retries and backfills that are still to come.", ["partition"])
WAITS = gauge("tasker_ticker_waiting_runs", "Runs that wait for the callback of their attempt.", ["partition"])
BUDGET = gauge(
    "tasker_ticker_background_budget_runs", "Background runs that the current second still allows.", ["partition"]
)
CLOCK_BEHIND = gauge(
    "tasker_ticker_clock_behind_seconds", "How far this clock is behind the broker's at least.", ["partition"]
)
COPIED = gauge(
    "tasker_ticker_state_copied_timestamp_seconds",
    "Unix time up to which the local copy has the state of the partition: a restart reads what came later from Kafka.",
    ["partition"],
)
_OF_PARTITION = (HELD, WATERMARK, BACKLOG, GAPS, PENDING, WAITS, BUDGET, CLOCK_BEHIND)

announce_dead_letters("ticker", {"task-events": ("unusable",)})
for _lane in ("live", "background"):
    RUNS.labels(_lane)
for _reason in ("ClockAhead", "EventFailed", "KafkaTimeout", "TransactionUncertain"):
    OWNERS_DISCARDED.labels(_reason)
for _reason in get_args(MissedReason):
    MISSED.labels(_reason)
for _verdict in get_args(VerdictWord):
    VERDICTS.labels(_verdict)


LOST = counter(
    "tasker_ticker_lost_offsets_total", "Offsets of events that Kafka lost before they were applied.", ["topic"]
)
LOST.labels("task-events")


def count_lost(topic: str, offsets: int) -> None:
    """Count offsets of a topic, by its name without the installation's prefix."""
    LOST.labels(topic.rpartition(".")[2]).inc(offsets)


def show_partitions(partitions: int) -> None:
    """Show the restores of all partitions from 0 on: Prometheus sees no growth in a series that begins with 1."""
    for partition in range(partitions):
        RESTORES.labels(str(partition))


def count_restore(partition: int, seconds: float) -> None:
    """Count a partition that was taken over."""
    RESTORES.labels(str(partition)).inc()
    RESTORE.observe(seconds)


def show_copies(as_of_ms: Mapping[int, int]) -> None:
    """Show how far the local copies of partitions go, and nothing of others."""
    COPIED.clear()
    for partition, ms in as_of_ms.items():
        COPIED.labels(str(partition)).set(ms / 1000)


def count(batch: TransactionBatch, committed_ms: int, scheduler: Scheduler) -> None:
    """Count a committed batch, and show the position of its partition."""
    TRANSACTIONS.inc()
    for second in batch.live_seconds:
        FIRE_DELAY.observe(committed_ms / 1000 - second)
    live = len(batch.records.get("due-tasks", ()))
    RUNS.labels("live").inc(live)
    RUNS.labels("background").inc(max(0, batch.runs - live))
    for reason, ranges in batch.missed.items():
        MISSED.labels(reason).inc(ranges)
    for word, number in batch.verdicts.items():
        VERDICTS.labels(word).inc(number)
    state, partition = scheduler.state, str(scheduler.config.partition)
    HELD.labels(partition).set(len(state.tasks))
    WATERMARK.labels(partition).set(state.position.second)
    BACKLOG.labels(partition).set(scheduler.due_count(state.position.second + 1) if batch.has_more else 0)
    GAPS.labels(partition).set(len(state.position.gaps))
    waiting = state.runs.waiting_count
    PENDING.labels(partition).set(state.runs.pending_count - waiting + len(state.backfills.states))
    WAITS.labels(partition).set(waiting)
    BUDGET.labels(partition).set(scheduler.background.budget_left)


def forget(partition: int) -> None:
    """Show nothing of a partition that has another owner now."""
    for one in _OF_PARTITION:
        with suppress(KeyError):
            one.remove(str(partition))
