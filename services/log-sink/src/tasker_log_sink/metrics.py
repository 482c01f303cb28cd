"""What the log sink counts."""

from collections import Counter as Counts
from collections.abc import Mapping, Sequence
from typing import Final

from tasker_core.documents.partitions import WatermarkFields
from tasker_core.statistics.first_attempt import STAGES, FirstAttempt
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.metrics.batch_histogram import BatchHistogram
from tasker_runtime.metrics.definitions import counter, gauge, histogram
from tasker_runtime.metrics.service_metrics import announce_dead_letters

RECORDS = counter("tasker_log_sink_records_total", "Records applied.", ["topic"])
BATCH = histogram(
    "tasker_log_sink_batch_records",
    "Records of one transaction.",
    buckets=(1, 5, 20, 100, 500, 1000, 2000, 5000),
)
TRANSACTION = histogram(
    "tasker_log_sink_transaction_seconds",
    "From the start of a transaction to its commit, tries included.",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
RETRIES = counter("tasker_log_sink_retries_total", "Transactions that MongoDB had start again.")
CONFLICTS = counter("tasker_log_sink_conflicts_total", "Batches that another member had applied before us.")
FAILURES = counter("tasker_log_sink_failures_total", "Batches put back because MongoDB or Kafka failed.")
LOST = counter("tasker_log_sink_lost_offsets_total", "Offsets that Kafka deleted before they were applied.", ["topic"])
LAG = gauge("tasker_log_sink_lag_records", "Records that are not applied yet.", ["topic", "partition"])
BACKLOG_AGE = gauge(
    "tasker_log_sink_backlog_age_seconds", "For how long the oldest record has waited to be applied.", ["topic"]
)
WATERMARK = gauge(
    "tasker_log_sink_watermark_timestamp_seconds",
    "Unix time that the ticker has reached in a partition, as far as it is applied here.",
    ["partition"],
)
LATENESS = BatchHistogram(
    "tasker_log_sink_run_lateness_seconds",
    "The promise: from when a scheduled run was due to when the end of its first attempt is readable, without the time "
    "that its handler took.",
    buckets=(0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60, 3600),
)
STAGE = BatchHistogram(
    "tasker_log_sink_run_stage_seconds",
    "The same runs by stage: due to emitted (`emission`), to received by an executor (`delivery`), to started "
    "(`waiting`), to finished (`execution`), to readable (`logging`).",
    "stage",
    STAGES,
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60, 3600),
)
SOURCE_TOPICS: Final = ("verdicts", "results", "watermarks", "handlers")
for _topic in SOURCE_TOPICS:
    RECORDS.labels(_topic)
    LOST.labels(_topic)
announce_dead_letters("log-sink", dict.fromkeys(SOURCE_TOPICS, ("unusable",)))


def count_batch(
    topics: Sequence[str],
    records: Sequence[DecodedRecord],
    watermarks: Mapping[TopicPartition, WatermarkFields],
    logged_ms: int,
    seconds: float,
) -> None:
    """Count a batch that is applied: the topic of each record, what they say, and how long its transaction took."""
    TRANSACTION.observe(seconds)
    BATCH.observe(len(topics))
    for topic, number in Counts(topics).items():
        RECORDS.labels(topic).inc(number)
    for partition, mark in watermarks.items():
        WATERMARK.labels(str(partition.partition)).set(mark["watermark"].timestamp())
    _measure([r.first_attempt for r in records if r.first_attempt is not None], logged_ms)


def _measure(attempts: Sequence[FirstAttempt], logged_ms: int) -> None:
    """Take in each stage of what is promised, but for what an outage has delayed."""
    attempts = [one for one in attempts if not one.is_recovered]
    if attempts:
        LATENESS.observe([one.lateness(logged_ms) / 1000 for one in attempts])
        STAGE.observe([one.emission / 1000 for one in attempts], "emission")
        STAGE.observe([one.delivery / 1000 for one in attempts], "delivery")
        STAGE.observe([one.waiting / 1000 for one in attempts], "waiting")
        STAGE.observe([one.execution / 1000 for one in attempts if one.execution is not None], "execution")
        STAGE.observe([one.logging(logged_ms) / 1000 for one in attempts], "logging")
