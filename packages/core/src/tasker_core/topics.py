"""The topics: names, keeping, and which partition a task lives in."""

from dataclasses import dataclass
from typing import Literal

PARTITIONS = 12
DAY_MS = 24 * 3600 * 1000

Name = Literal[
    "task-events",
    "ticker-state",
    "watermarks",
    "verdicts",
    "due-tasks",
    "due-background",
    "results",
    "handlers",
    "dead-letters",
]


@dataclass(frozen=True, slots=True)
class Topic:
    """What one topic keeps and for how long. `days` is None for a compacted one."""

    name: Name
    days: int | None
    single: bool = False

    def config(self) -> dict[str, str]:
        """The explicit broker settings of this topic (Kafka topic configuration names)."""
        common = {"message.timestamp.type": "LogAppendTime", "max.message.bytes": str(2 * 1024 * 1024)}
        if self.days is not None:
            return common | {"cleanup.policy": "delete", "retention.ms": str(self.days * DAY_MS)}
        return common | {
            "cleanup.policy": "compact",
            "segment.bytes": str(16 * 1024 * 1024),
            "segment.ms": str(10 * 60 * 1000),
            "max.compaction.lag.ms": str(30 * 60 * 1000),
            "min.cleanable.dirty.ratio": "0.2",
            "delete.retention.ms": str(7 * DAY_MS),
        }


TOPICS = (
    Topic("task-events", 7),
    Topic("ticker-state", None),
    Topic("watermarks", None),
    Topic("verdicts", 7),
    Topic("due-tasks", 7),
    Topic("due-background", 7),
    Topic("results", 7),
    Topic("handlers", None, single=True),
    Topic("dead-letters", 30),
)


@dataclass(frozen=True, slots=True)
class Topics:
    """The full topic names of one installation: `<prefix>.<name>`."""

    prefix: str = "tasker"

    def __getitem__(self, name: Name) -> str:
        return f"{self.prefix}.{name}"


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
