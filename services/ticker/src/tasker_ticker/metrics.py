"""What the ticker counts."""

from prometheus_client import Counter, Gauge, Histogram

from tasker_ticker.turn import Turn

FIRE_DELAY = Histogram(
    "tasker_ticker_fire_delay_seconds",
    "From a nominal second to the commit of its records, once per transaction.",
    buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
RUNS = Counter("tasker_ticker_runs_total", "Runs emitted, by lane.", ["lane"])
MISSED = Counter("tasker_ticker_missed_ranges_total", "Ranges of occurrences that did not run, by reason.", ["reason"])
VERDICTS = Counter("tasker_ticker_verdicts_total", "Answers to task events.", ["verdict"])
TURNS = Counter("tasker_ticker_turns_total", "Transactions committed.")
DOUBTS = Counter("tasker_ticker_doubts_total", "Owners thrown away after a doubtful transaction.")
HELD = Gauge("tasker_ticker_held_tasks", "Tasks held, by partition.", ["partition"])
WATERMARK = Gauge("tasker_ticker_watermark_seconds", "Epoch second that a partition has reached.", ["partition"])
RESTORE = Histogram("tasker_ticker_restore_seconds", "From fencing to the first turn.")


def count(turn: Turn, committed_ms: int) -> None:
    """Count a committed turn."""
    TURNS.inc()
    for second in turn.fired:
        FIRE_DELAY.observe(committed_ms / 1000 - second)
    live = len(turn.records.get("due-tasks", ()))
    RUNS.labels("live").inc(live)
    RUNS.labels("background").inc(turn.runs - live)
    for reason, ranges in turn.missed.items():
        MISSED.labels(reason).inc(ranges)
    for word, number in turn.verdicts.items():
        VERDICTS.labels(word).inc(number)
