"""What is kept for a shorter time than usual, so that a run of hours sees it removed.

Nothing here is a setting of Tasker's: it keeps runs for longer than Kafka keeps what they are made of (8 days at
least). So topics are made with other settings beforehand, and the indexes that let documents expire are changed.
"""

from typing import Any, Final

from aiokafka.admin import NewTopic
from aiokafka.errors import for_code

from tasker_core.documents.indexes import INDEXES, TTL
from tasker_core.topics import PARTITIONS, TOPICS, Topic, Topics
from tasker_runtime.kafka.admin_client import admin_client
from tasker_runtime.kafka.client import START_SECONDS, bounded
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.mongo import Mongo

MIB: Final = 2**20
BACKGROUND: Final = 3
"""So many times as long late runs and retries are kept: `tasker verify` takes the first record that is kept in each
partition for the begin of what it can judge, and these are rare."""
OPLOG_MB: Final = 990
"""The least that MongoDB takes. Its usual one is a share of the disk, and would fill all along."""
HISTORY_SECONDS: Final = 300
"""MongoDB's default: so long it keeps what documents and indexes were, and until then all its files grow."""
LONG_SECONDS: Final = 30 * 24 * 3600


class Retention:
    """Everything is kept for about so many seconds, and an eighth of that longer until its segment ends."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        self._step = max(5, seconds // 8)
        self._history_seconds = min(HISTORY_SECONDS, self._step)

    def describe(self) -> list[str]:
        """What is shortened, a line each."""
        kept, step = self.seconds, self._step
        return [
            f"topics: kept for {kept} s instead of 7 and 30 days, segments of {step} s, deleted files gone after 5 s; "
            f"due-background for {kept * BACKGROUND} s, as its records are rare",
            f"compacted topics: segments of {step} s or 4 MB, compacted after {step} s at most, "
            f"tombstones kept for {kept} s instead of 7 days",
            "Kafka's own topics of offsets and transactions: segments of 4 MB instead of 100",
            f"documents (runs, missed, journal, revisions, tombstones of tasks, statistics): {kept} s after what their "
            f"index goes by; MongoDB looks every {min(60, step)} s",
            f"MongoDB's log of operations: {OPLOG_MB} MB; its history: {self._history_seconds} s",
            "not shortened: what the ticker keeps of retried runs for 24 h, and of finished tasks for 7 days; the "
            "one-time tasks of this run are therefore deleted soon after they ran",
        ]

    def broker_settings(self) -> dict[str, str]:
        """Settings of the broker."""
        return {
            # Often, as segments begin as regularly: two equal intervals drift apart slowly, and a sawtooth as slow is
            # taken for growth.
            "log.retention.check.interval.ms": str(max(5, self._step // 8) * 1000),
            "log.cleaner.backoff.ms": str(min(15, self._step) * 1000),
            "offsets.topic.segment.bytes": str(4 * MIB),
            "transaction.state.log.segment.bytes": str(4 * MIB),
        }

    def topic_config(self, topic: Topic) -> dict[str, str]:
        """The settings of a topic: Tasker's own but for those that say how long."""
        step, kept = str(self._step * 1000), str(self.seconds * 1000)
        config = topic.config() | {"segment.ms": step, "file.delete.delay.ms": "5000"}
        if topic.days is not None:
            times = BACKGROUND if topic.name == "due-background" else 1
            return config | {"retention.ms": str(self.seconds * 1000 * times)}
        small = {"segment.bytes": str(4 * MIB), "max.compaction.lag.ms": step, "delete.retention.ms": kept}
        return config | small

    async def create_topics(self, connection: KafkaConnection, prefix: str) -> None:
        """Make the topics, before Tasker does, which leaves as it is what is there. Raises KafkaError, KafkaTimeout."""
        names = Topics(prefix)
        new = [NewTopic(names[t.name], _partitions(t), 1, topic_configs=self.topic_config(t)) for t in TOPICS]
        async with admin_client(connection) as admin:
            answer = await bounded(admin.create_topics(new), START_SECONDS, "creating topics")
            for name, code, *message in answer.topic_errors:
                if code:
                    raise for_code(code)(f"{name}: {message}")

    async def shorten_documents(self, mongo: Mongo) -> None:
        """Let documents expire sooner, once the log sink has made the indexes. Raises PyMongoError."""
        admin: Any = mongo.client.admin
        await admin.command({"setParameter": 1, "ttlMonitorSleepSecs": min(60, self._step)})
        await admin.command({"setParameter": 1, "minSnapshotHistoryWindowInSeconds": self._history_seconds})
        await admin.command({"replSetResizeOplog": 1, "size": float(OPLOG_MB)})
        for name, indexes in INDEXES.items():
            for index in indexes:
                if TTL in index.options:
                    change = {"name": index.name, TTL: self.seconds}
                    await mongo.database.command("collMod", name, index=change)

    async def keep_runs(self, mongo: Mongo, *, long: bool) -> None:
        """While an audit reads the log, no run expires: it trusts no log that forgets within the hour."""
        change = {"name": "retention", TTL: LONG_SECONDS if long else self.seconds}
        await mongo.database.command("collMod", "runs", index=change)


def _partitions(topic: Topic) -> int:
    return 1 if topic.single else PARTITIONS
