"""Settings of the log sink, from the environment."""

from datetime import timedelta
from typing import Annotated, ClassVar, Final

from pydantic import AfterValidator, Field

from tasker_core.documents.indexes import (
    CALENDAR_REVISION_RETENTION_SECONDS,
    JOURNAL_RETENTION_SECONDS,
    REVISION_RETENTION_SECONDS,
    RUN_RETENTION_SECONDS,
    STATISTICS_RETENTION_SECONDS,
    TOMBSTONE_RETENTION_SECONDS,
    CollectionName,
    Retentions,
)
from tasker_core.time.duration import Duration, format_duration
from tasker_core.topics import TOPICS
from tasker_runtime.settings import MongoSettings, ServiceSettings

KEPT_BY_KAFKA: Final = timedelta(days=max(topic.days or 0 for topic in TOPICS if topic.name in ("verdicts", "results")))
MIN_RETENTION: Final = KEPT_BY_KAFKA + timedelta(days=1)
MIN_STATISTICS: Final = timedelta(days=1)


def _longer_than_kafka(value: timedelta) -> timedelta:
    if value < MIN_RETENTION:
        raise ValueError(
            f"{format_duration(value)} is too short: Kafka keeps what it is made of for {KEPT_BY_KAFKA.days} days, so "
            f"that what is read again would bring back what had expired; give {format_duration(MIN_RETENTION)} or more"
        )
    return value


def _a_day_at_least(value: timedelta) -> timedelta:
    if value < MIN_STATISTICS:
        raise ValueError(
            f"{format_duration(value)} is too short: a day is the least that can be looked at; give P1D or more"
        )
    return value


LogRetention = Annotated[Duration, AfterValidator(_longer_than_kafka)]
StatisticsRetention = Annotated[Duration, AfterValidator(_a_day_at_least)]


class RetentionSettings(MongoSettings):
    """How long the documents are kept, and where: whoever sets the collections up needs both.

    Another value holds from the next start on, for what is there as well. What stands never expires: definitions of
    tasks, and the versions of their history that hold.
    """

    log_sink_retention_runs: LogRetention = timedelta(seconds=RUN_RETENTION_SECONDS)
    log_sink_retention_missed: LogRetention = timedelta(seconds=RUN_RETENTION_SECONDS)
    log_sink_retention_journal: LogRetention = timedelta(seconds=JOURNAL_RETENTION_SECONDS)
    log_sink_retention_revisions: LogRetention = timedelta(seconds=REVISION_RETENTION_SECONDS)
    log_sink_retention_calendars: LogRetention = timedelta(seconds=CALENDAR_REVISION_RETENTION_SECONDS)
    log_sink_retention_tombstones: LogRetention = timedelta(seconds=TOMBSTONE_RETENTION_SECONDS)
    log_sink_retention_stats_minutes: StatisticsRetention = timedelta(seconds=STATISTICS_RETENTION_SECONDS["minute"])
    log_sink_retention_stats_hours: StatisticsRetention = timedelta(seconds=STATISTICS_RETENTION_SECONDS["hour"])
    log_sink_retention_stats_days: StatisticsRetention = timedelta(seconds=STATISTICS_RETENTION_SECONDS["day"])

    @property
    def retentions(self) -> Retentions:
        """By collection and index: the seconds after which it lets a document expire."""
        kept: dict[tuple[CollectionName, str], timedelta] = {
            ("runs", "retention"): self.log_sink_retention_runs,
            ("missed", "retention"): self.log_sink_retention_missed,
            ("journal", "retention"): self.log_sink_retention_journal,
            ("revisions", "retention"): self.log_sink_retention_revisions,
            ("revisions", "retention_of_ends"): self.log_sink_retention_revisions,
            ("change_sets", "retention"): self.log_sink_retention_revisions,
            ("calendar_revisions", "retention"): self.log_sink_retention_calendars,
            ("tasks", "retention"): self._of_tombstones,
            ("stats", "retention_minute"): self.log_sink_retention_stats_minutes,
            ("stats", "retention_hour"): self.log_sink_retention_stats_hours,
            ("stats", "retention_day"): self.log_sink_retention_stats_days,
        }
        return {index: int(duration.total_seconds()) for index, duration in kept.items()}

    @property
    def _of_tombstones(self) -> timedelta:
        """They say whose the history and the runs of a deleted task are: of others that its id is not to be had."""
        about_tasks = self.log_sink_retention_runs, self.log_sink_retention_journal, self.log_sink_retention_revisions
        return max(self.log_sink_retention_tombstones, *about_tasks)


class SinkSettings(ServiceSettings, RetentionSettings):
    """What bounds a batch: one transaction holds at most so many records and, but for a single larger one, bytes."""

    SERVICE: ClassVar[str | None] = "log-sink"

    log_sink_batch_records: int = Field(default=5000, ge=1, le=20_000)
    log_sink_batch_bytes: int = Field(default=4 * 1024 * 1024, ge=1024, le=12 * 1024 * 1024)
