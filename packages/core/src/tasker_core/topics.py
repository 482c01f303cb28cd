"""The topics: names, keeping, and which partition a task lives in."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

PARTITIONS = 12
DAY_MS = 24 * 3600 * 1000
DUE_DAYS = 7
DUE_RETENTION_SECONDS = DUE_DAYS * 24 * 3600
"""How long a run may wait for an executor: as long as the topics keep it."""

SAFE_COPIES = 3
"""From so many copies on, one that is away keeps nobody from writing to two."""

TopicName = Literal[
    "task-events",
    "ticker-state",
    "watermarks",
    "verdicts",
    "due-tasks",
    "due-background",
    "results",
    "handlers",
    "chains",
    "calendars",
    "dead-letters",
]


KeyKind = Literal["task-id", "partition", "handler", "calendar", "any"]


LAST_SEGMENT_BYTES: Final = 128 * 1024 * 1024
"""A broker that was killed reads the last segment of each partition again before it serves: of Kafka's usual 1 GiB,
where one broker has all partitions, for minutes. (Still smaller ones would be very many files in seven days.)"""


@dataclass(frozen=True, slots=True)
class Topic:
    """What one topic holds (`about`) under which key, and for how long. `days` is None for a compacted one.

    `single`: it has one partition, whatever the others have.
    """

    name: TopicName
    days: int | None
    key: KeyKind
    about: str
    single: bool = False

    def config(self, copies: int = 1) -> dict[str, str]:
        """The explicit broker settings of this topic (Kafka topic configuration names), kept in so many copies.

        Of three or more, two have a record before it counts as written. Kafka's default is one: with it an acknowledged
        record is gone when its leader's disk is.
        """
        common = {"message.timestamp.type": "LogAppendTime", "max.message.bytes": str(2 * 1024 * 1024)}
        if copies >= SAFE_COPIES:
            common["min.insync.replicas"] = "2"
        if self.days is not None:
            keep = {"cleanup.policy": "delete", "retention.ms": str(self.days * DAY_MS)}
            return common | keep | {"segment.bytes": str(LAST_SEGMENT_BYTES)}
        return common | {
            "cleanup.policy": "compact",
            "segment.bytes": str(16 * 1024 * 1024),
            "segment.ms": str(10 * 60 * 1000),
            "max.compaction.lag.ms": str(30 * 60 * 1000),
            "min.cleanable.dirty.ratio": "0.2",
            "delete.retention.ms": str(7 * DAY_MS),
        }


TOPICS = (
    Topic("task-events", 7, "task-id", "Requests about a task. Anybody may write; executors ask for retries."),
    Topic("ticker-state", None, "any", "The ticker's own memory: no contract, others neither read nor write it."),
    Topic("watermarks", None, "partition", "How far the ticker has come in each partition."),
    Topic("verdicts", 7, "task-id", "The answer to each task event, and what the ticker itself decided."),
    Topic("due-tasks", DUE_DAYS, "task-id", "Runs to do now, and runs to cancel, from the ticker."),
    Topic("due-background", DUE_DAYS, "task-id", "The same for what is late, retried or backfilled."),
    Topic("results", 7, "task-id", "What became of runs, from their executors, in the partition of the run."),
    Topic("handlers", None, "handler", "What can run besides the built-in handlers, from executors.", single=True),
    Topic("chains", None, "task-id", "Which tasks a task starts when its runs end, from the ticker."),
    Topic("calendars", None, "calendar", "The calendars as they stand, each in the partition of its name."),
    Topic("dead-letters", 30, "any", "Records that no service could use, and runs that failed for good, as they were."),
)


@dataclass(frozen=True, slots=True)
class Topics:
    """The full topic names of one installation: `<prefix>.<name>`."""

    prefix: str = "tasker"

    def __getitem__(self, name: TopicName) -> str:
        return f"{self.prefix}.{name}"


@lru_cache(maxsize=8_192)  # an event's is asked for when it is read, and when it is applied
def partition_of(task_id: str, partitions: int) -> int:
    """The partition of a task: murmur2 of its id as Kafka's default partitioner computes it, modulo the count."""
    return (murmur2(task_id.encode()) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """Kafka's 32-bit MurmurHash2 (seed 0x9747b28c), unsigned."""
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * m & mask
        k = (k ^ (k >> 24)) * m & mask
        h = (h * m & mask) ^ k
    if rest := data[whole:]:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ (h >> 13)) * m & mask
    return h ^ (h >> 15)
