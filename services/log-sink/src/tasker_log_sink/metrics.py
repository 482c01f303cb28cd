"""What the log sink counts."""

from collections import Counter as Counts
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from tasker_core.documents.partitions import WatermarkFields
from tasker_core.documents.runs import RunContent
from tasker_core.time.instant import from_ms
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
STAGES: Final = ("emission", "delivery", "waiting", "execution", "logging")
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

_SECOND = timedelta(seconds=1)


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
    _measure((record.run for record in records if record.run is not None), from_ms(logged_ms))


def _measure(runs: Iterable[RunContent], logged: datetime) -> None:
    """Take in each stage of the first attempts of scheduled runs. A schedule's spread is no lateness."""
    lateness: list[float] = []
    emission, delivery, waiting, execution, logging = stages = tuple[list[float], ...]([] for _ in STAGES)
    for run in runs:
        finished = run["finished_at"]
        if finished is None or run["lane"] != "live" or run["kind"] != "scheduled" or run["attempt"] != 1:
            continue
        due, received, started = run["effective_at"], run["received_at"], run["started_at"]
        visible = max(due, run["emitted_at"])  # what is prepared early is committed when it is due
        emission.append((visible - due) / _SECOND)
        delivery.append((received - visible) / _SECOND)
        logging.append((logged - finished) / _SECOND)
        if started is None:  # skipped or cancelled: it has waited to its end
            waiting.append((finished - received) / _SECOND)
            lateness.append((logged - due) / _SECOND)
        else:
            waiting.append((started - received) / _SECOND)
            execution.append((finished - started) / _SECOND)
            lateness.append((logged - due - (finished - started)) / _SECOND)
    if lateness:
        LATENESS.observe(lateness)
        for stage, seen in zip(STAGES, stages, strict=True):
            STAGE.observe(seen, stage)
