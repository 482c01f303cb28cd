"""What the log sink counts."""

from collections import Counter as Counts
from collections.abc import Sequence

from prometheus_client import Counter, Histogram

from tasker_core.run_states import is_final
from tasker_core.time.instant import to_ms
from tasker_log_sink.projection.decoded_record import DecodedRecord

RECORDS = Counter("tasker_log_sink_records_total", "Records applied, by topic.", ["topic"])
DEAD_LETTERS = Counter("tasker_log_sink_dead_letters_total", "Records that could not be used, by topic.", ["topic"])
BATCH = Histogram(
    "tasker_log_sink_batch_records",
    "Records of one transaction.",
    buckets=(1, 5, 20, 100, 500, 1000, 2000, 5000),
)
TRANSACTION = Histogram(
    "tasker_log_sink_transaction_seconds",
    "From the start of a transaction to its commit, tries included.",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
RETRIES = Counter("tasker_log_sink_retries_total", "Transactions that MongoDB had start again.")
CONFLICTS = Counter("tasker_log_sink_conflicts_total", "Batches that another member had applied before us.")
FAILURES = Counter("tasker_log_sink_failures_total", "Batches put back because MongoDB or Kafka failed.")
LAG = Histogram(
    "tasker_log_sink_lag_seconds",
    "From the nominal time of a scheduled run to its outcome's being readable.",
    buckets=(0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60, 3600),
)
LOST = Counter("tasker_log_sink_lost_offsets_total", "Offsets that Kafka deleted before they were applied.", ["topic"])


def count_batch(topics: Sequence[str], records: Sequence[DecodedRecord], logged_ms: int, seconds: float) -> None:
    """Count a batch that is applied: the topic of each record, what they say, and how long its transaction took."""
    TRANSACTION.observe(seconds)
    BATCH.observe(len(topics))
    for topic, number in Counts(topics).items():
        RECORDS.labels(topic).inc(number)
    for record in records:
        run = record.run
        if run is not None and is_final(run["state"]) and run["lane"] == "live" and run["kind"] == "scheduled":
            LAG.observe((logged_ms - to_ms(run["nominal_at"])) / 1000)
