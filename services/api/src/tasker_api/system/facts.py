"""PURE. What is known of the whole system at one moment. What could not be asked is None, with the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple


class WatermarkGap(NamedTuple):
    """What is effective in (start, end] is being made good, of the tasks whose ids sort after `after_task`."""

    start: datetime
    end: datetime
    after_task: str


class PartitionMark(NamedTuple):
    """The last watermark of a partition. What an earlier release did not say is None."""

    time: datetime
    owner: str
    next_offset: int | None = None
    version: str | None = None
    held: int | None = None
    clock_offset_ms: int | None = None
    catch_up: tuple[WatermarkGap, ...] = ()
    burst: datetime | None = None


class Member(NamedTuple):
    """A process in a consumer group; its version is None where its client does not tell it."""

    instance: str
    version: str | None
    host: str
    partitions: int


class TopicLag(NamedTuple):
    """What of a topic a group has not passed yet: `records`, of which the oldest has waited for `seconds` at least."""

    topic: str
    records: int
    seconds: float


class Group(NamedTuple):
    """A consumer group. `service` is None for those of other executors. `topics` empty: its lag is not known."""

    name: str
    service: str | None
    state: str
    members: tuple[Member, ...]
    topics: tuple[TopicLag, ...] = ()


class DeadLetterCount(NamedTuple):
    """How many dead letters are kept, and how many came in the last hour."""

    total: int
    last_hour: int


class Canary(NamedTuple):
    """The newest run of a partition's canary that is logged: when it was due, and how late it was in the log."""

    due_at: datetime
    late_seconds: float
    succeeded: bool


class LostRange(NamedTuple):
    """So many offsets of a partition Kafka lost before a service read them; the first of them was missed at `since`."""

    service: str
    topic: str
    partition: int
    records: int
    since: datetime


@dataclass(frozen=True, slots=True)
class KafkaFacts:
    """What Kafka says. `waiting_events` are those that the ticker has not applied yet, by partition; `clock_offset_ms`
    is how far this machine's clock is ahead of the broker's, None while too few records have come to tell."""

    marks: Mapping[int, PartitionMark]
    groups: Sequence[Group]
    waiting_events: Mapping[int, int]
    dead_letters: DeadLetterCount
    clock_offset_ms: int | None = None
    lost: Sequence[LostRange] = ()


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What MongoDB says. `canaries` by partition, `canaries_since`: when one of them was last made or changed."""

    marks: Mapping[int, PartitionMark]
    executor_groups: Sequence[str] = ()
    canaries: Mapping[int, Canary] = field(default_factory=dict[int, Canary])
    canaries_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """Everything, at `now` by this machine's clock; since `started` it is looked at.

    `canary_seconds`: how often each canary runs, None: there are none. `keys_trouble`: why the file of the API keys
    can't be read, while that is so.
    """

    started: datetime
    now: datetime
    partitions: int
    version: str
    kafka: KafkaFacts | None
    database: DatabaseFacts | None
    kafka_reason: str = ""
    database_reason: str = ""
    canary_seconds: int | None = None
    keys_trouble: str | None = None

    def marks(self) -> Mapping[int, PartitionMark]:
        """The watermarks: Kafka's own, and where it does not answer those that MongoDB knows."""
        if self.kafka is not None:
            return self.kafka.marks
        return {} if self.database is None else self.database.marks
