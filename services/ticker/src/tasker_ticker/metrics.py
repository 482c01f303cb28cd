"""What the ticker counts."""

from contextlib import suppress

from prometheus_client import Counter, Gauge, Histogram

from tasker_ticker.scheduling.batch import TransactionBatch
from tasker_ticker.scheduling.scheduler import Scheduler

FIRE_DELAY = Histogram(
    "tasker_ticker_fire_delay_seconds",
    "From a nominal second to the commit of its records, once per transaction.",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
RUNS = Counter("tasker_ticker_runs_total", "Runs emitted, by lane.", ["lane"])
MISSED = Counter("tasker_ticker_missed_ranges_total", "Ranges of occurrences that did not run, by reason.", ["reason"])
VERDICTS = Counter("tasker_ticker_verdicts_total", "Answers to task events.", ["verdict"])
TRANSACTIONS = Counter("tasker_ticker_transactions_total", "Transactions committed.")
OWNERS_DISCARDED = Counter("tasker_ticker_doubts_total", "Owners discarded, by reason.", ["reason"])
HELD = Gauge("tasker_ticker_held_tasks", "Tasks held, by partition.", ["partition"])
WATERMARK = Gauge("tasker_ticker_watermark_seconds", "Epoch second that a partition has reached.", ["partition"])
BACKLOG = Gauge("tasker_ticker_due_backlog", "Runs of the second at work that are not emitted yet.", ["partition"])
GAPS = Gauge("tasker_ticker_background_gaps", "Gaps being worked off in the background.", ["partition"])
PENDING = Gauge("tasker_ticker_background_pending", "Retries and backfills to come.", ["partition"])
BUDGET = Gauge("tasker_ticker_background_budget", "Background runs that this second still allows.", ["partition"])
CLOCK_BEHIND = Gauge(
    "tasker_ticker_clock_behind_seconds", "How far this clock is behind the broker's at least.", ["partition"]
)
RESTORE = Histogram(
    "tasker_ticker_restore_seconds", "From fencing to the first batch.", buckets=(0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60)
)
_OF_PARTITION = (HELD, WATERMARK, BACKLOG, GAPS, PENDING, BUDGET, CLOCK_BEHIND)


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
    PENDING.labels(partition).set(state.runs.pending_count + len(state.backfills.states))
    BUDGET.labels(partition).set(scheduler.background.budget_left)


def forget(partition: int) -> None:
    """Show nothing of a partition that has another owner now."""
    for gauge in _OF_PARTITION:
        with suppress(KeyError):
            gauge.remove(str(partition))
