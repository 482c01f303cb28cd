"""The rebuild: what Kafka still holds, then what the ticker holds, then what is gone."""

from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from tasker_core.documents.rebuilds import RebuildDocument
from tasker_core.documents.tasks import TaskField
from tasker_core.time.instant import from_ms, parse_second
from tasker_core.topics import TopicName, Topics, partition_of
from tasker_log_sink.projection.task_snapshot import held_calendar_record, held_task_record, vanished_task_record
from tasker_log_sink.rebuild.held_tasks import HeldTasks, read_held_tasks
from tasker_log_sink.rebuild.statistics_rebuild import StatisticsRebuild
from tasker_log_sink.rebuild.topic_partitions import topic_partitions
from tasker_log_sink.rebuild.topic_replay import BATCH_RECORDS, Offsets, Progress, TopicReplay, bounds
from tasker_log_sink.store.next_time_upgrade import complete_next_times
from tasker_log_sink.store.projection_store import ProjectionStore
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.mongo import Mongo

REPLAYED: Final[tuple[TopicName, ...]] = ("handlers", "verdicts", "results", "calendars")
CLOCK_MARGIN: Final = timedelta(seconds=60)
"""The clocks of the machines may differ by so much."""


class Rebuild:
    """Adds to the documents what they lack, from one set of topics. It may be repeated, interrupted, and run beside
    the log sink: the order of records makes no difference, nor does a repetition."""

    def __init__(
        self,
        connection: KafkaConnection,
        topics: Topics,
        reader: PartitionReader,
        mongo: Mongo,
        now: Callable[[], datetime],
        progress: Progress,
    ) -> None:
        self._connection, self._topics, self._reader, self._mongo = connection, topics, reader, mongo
        self._now, self._progress = now, progress
        self.counts: dict[str, int] = {}

    @property
    def topic_prefix(self) -> str:
        """The prefix of the topics."""
        return self._topics.prefix

    def replay_into(self, store: ProjectionStore) -> TopicReplay:
        """What projects records into a store."""
        sources: dict[str, TopicName] = {self._topics[name]: name for name in REPLAYED}
        return TopicReplay(self._reader, sources, store, self._now, self._progress)

    async def run(self, store: ProjectionStore) -> None:
        """All of it, noted in the collection `rebuilds`.

        Raises NoSuchTopic, KafkaError, KafkaTimeout, PyMongoError.
        """
        started = self._now()
        await self.note(started, None, replaced=False)
        replay = self.replay_into(store)
        await self.replay_topics(replay)
        await self.add_held_tasks(replay, started)
        await self.count_again()
        self.counts["next times completed"] = await complete_next_times(self._mongo)
        self.counts["unusable"] = replay.unusable
        await self.note(started, self._now(), replaced=False)

    async def replay_topics(self, replay: TopicReplay) -> Offsets:
        """Project all that the topics hold by now; returns up to which offsets."""
        all_ends: Offsets = {}
        for name in REPLAYED:
            partitions = await topic_partitions(self._connection, self._topics, [name])
            starts, ends = await bounds(self._reader, partitions)
            self.counts[name] = await replay.run(name, starts, ends)
            all_ends |= ends
        return all_ends

    async def replay_on(self, replay: TopicReplay, starts: Offsets) -> tuple[Offsets, int]:
        """Project what has come since; returns up to which offsets, and how many records."""
        _, ends = await bounds(self._reader, list(starts))
        return ends, await replay.run("what came meanwhile", starts, ends)

    async def count_again(self) -> None:
        """Make the statistics again from the runs in the log. Raises NoSuchTopic, KafkaError, PyMongoError."""
        partitions = await topic_partitions(self._connection, self._topics, ["results"])
        statistics = StatisticsRebuild(self._mongo, len(partitions), self._now, self._progress)
        self.counts["minutes of statistics"] = await statistics.run(await self.kept_since())

    async def kept_since(self) -> datetime | None:
        """Since when results are kept whole; None: since ever. Raises KafkaError or KafkaTimeout."""
        partitions = await topic_partitions(self._connection, self._topics, ["results"])
        starts, ends = await bounds(self._reader, partitions)
        oldest = [await self._appended_at(p, first, ends[p]) for p, first in starts.items() if first]
        return max((at for at in oldest if at is not None), default=None)

    async def _appended_at(self, partition: TopicPartition, start: int, end: int) -> datetime | None:
        """When the first record of offsets [start, end) was appended, None when there is none."""
        async for record in self._reader.records_between(partition, start, end):
            return from_ms(record.timestamp)
        return None

    async def add_held_tasks(self, replay: TopicReplay, started: datetime, *, hide: bool = True) -> None:
        """Bring in the tasks that the ticker holds, and hide those that it holds no more."""
        partitions = await topic_partitions(self._connection, self._topics, ["ticker-state"])
        held, alive = dict[int, HeldTasks](), set[str]()
        self.counts["tasks"] = self.counts["vanished"] = 0
        for number in range(len(partitions)):
            found = held[number] = await read_held_tasks(self._reader, self._topics, number)
            await self._write_held(replay, found, alive)
            found.values.clear()
            self._progress("the ticker's tasks", number + 1, len(partitions))
        if not hide:
            return
        async for batch in self._vanished(held, alive, started):
            await replay.write([vanished_task_record(*one, started) for one in batch])
            self.counts["vanished"] += len(batch)

    async def _write_held(self, replay: TopicReplay, held: HeldTasks, alive: set[str]) -> None:
        if (mark := held.watermark) is None:
            return
        decided, states = parse_second(mark.time), held.states()
        alive |= {state.task.id for state in states}
        for start in range(0, len(states), BATCH_RECORDS):
            some = states[start : start + BATCH_RECORDS]
            await replay.write(
                [held_task_record(state, decided, held.calendars, gaps=bool(mark.catch_up)) for state in some]
            )
        versions = sorted({use for state in states for use in (state.calendars or {}).items()} & held.calendars.keys())
        await replay.write([held_calendar_record(*use, held.calendars[use], decided) for use in versions])
        self.counts["tasks"] += len(states)

    async def _vanished(
        self, held: Mapping[int, HeldTasks], alive: set[str], started: datetime
    ) -> AsyncGenerator[list[tuple[str, int, int]]]:
        """Tasks that are shown, and that the ticker does not hold, though it would if they had been made meanwhile."""
        matching: dict[TaskField, object] = {"deleted": False}
        fields: dict[TaskField, int] = {"version": 1, "generation": 1, "updated_at": 1}
        found: list[tuple[str, int, int]] = []
        async for task in self._mongo.majority("tasks").find(matching, fields):
            task_id, version = task["_id"], task["version"]
            mark = held[partition_of(task_id, len(held))].watermark
            if task_id in alive or mark is None:
                continue
            if version < mark.base + mark.next_offset or task["updated_at"] < started - CLOCK_MARGIN:
                found.append((task_id, version, task["generation"]))
            if len(found) == BATCH_RECORDS:
                yield found
                found = []
        if found:
            yield found

    async def note(self, started: datetime, finished: datetime | None, *, replaced: bool) -> None:
        """Note how far it is, for the log sink's health and for people. Raises PyMongoError."""
        document: RebuildDocument = {
            "_id": self._topics.prefix,
            "started_at": started,
            "finished_at": finished,
            "replaced": replaced,
        }
        await self._mongo.database["rebuilds"].replace_one({"_id": document["_id"]}, document, upsert=True)
