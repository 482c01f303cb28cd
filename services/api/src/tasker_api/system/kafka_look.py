"""Looks at Kafka: watermarks, groups with their members, and how far each group is behind."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from time import monotonic
from typing import Any, Final

from tasker_api.system.facts import DeadLetterCount, Group, KafkaFacts, LostRange, Member, TopicLag
from tasker_api.system.watermark_follower import WatermarkFollower
from tasker_core.loss_note import note_in
from tasker_core.time.instant import from_ms
from tasker_core.topics import TopicName, Topics
from tasker_runtime.clock import Clock
from tasker_runtime.kafka.admin_client import ConsumerGroup, GroupCommit, admin_client, describe_group, group_commits
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout, TopicPartition
from tasker_runtime.kafka.client_id import parse_client_id
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_lag import LagTracker
from tasker_runtime.kafka.partition_reader import PartitionReader

HOUR_MS: Final = 3_600_000
DUE: Final[tuple[TopicName, ...]] = ("due-tasks", "due-background")
READ: Final[Mapping[str, tuple[TopicName, ...]]] = {
    "executor": DUE,
    "log-sink": ("verdicts", "results", "watermarks"),
}
"""What each service reads by committed offsets. The ticker's are in its watermarks."""
TRANSACTIONAL: Final = frozenset({"due-tasks", "due-background", "verdicts", "watermarks"})
"""Topics whose last offset is no record, but the marker of a transaction, which no group needs to pass."""

NOTHING: Final = GroupCommit(0, "")


class KafkaLook:
    """A connection for looking, made at the first look. `groups` names the group of each service."""

    def __init__(
        self, connection: KafkaConnection, topics: Topics, partitions: int, groups: Mapping[str, str], clock: Clock
    ) -> None:
        self._connection, self._topics, self._partitions = connection, topics, partitions
        self._groups, self._clock, self._lags = groups, clock, LagTracker()
        self._stack = AsyncExitStack()
        self._admin: Any = None
        self._reader: PartitionReader
        self._follower: WatermarkFollower
        self._following: asyncio.Task[None]

    async def look(self, executor_groups: Sequence[str]) -> KafkaFacts:
        """What Kafka says now. Raises KafkaError or KafkaTimeout, and is to be bounded by the caller."""
        if self._admin is None:
            await self._connect()
        if self._following.done():
            self._following.result()
        services = {name: service for service, name in self._groups.items()}
        names = [*services, *(name for name in executor_groups if name not in services)]
        all_topics = {self._topics[name] for name in (*DUE, *READ["log-sink"], "task-events")}
        partitions = [TopicPartition(topic, n) for topic in sorted(all_topics) for n in range(self._partitions)]
        ends, described, dead_letters, commits = await asyncio.gather(
            self._reader.ends(*partitions),
            asyncio.gather(*(describe_group(self._admin, name) for name in names)),
            self._dead_letters(),
            asyncio.gather(*(group_commits(self._admin, name) for name in names)),
        )
        committed = dict(zip(names, commits, strict=True))
        marks, events = dict(self._follower.marks), self._topics["task-events"]
        return KafkaFacts(
            marks=marks,
            groups=[self._group(one, services.get(one.name), committed[one.name], ends) for one in described],
            waiting_events={
                number: max(0, ends[TopicPartition(events, number)] - mark.next_offset)
                for number, mark in marks.items()
                if mark.next_offset is not None and TopicPartition(events, number) in ends
            },
            dead_letters=dead_letters,
            clock_offset_ms=self._follower.clock_offset_ms,
            lost=[one for name in names for one in self._lost(services.get(name, "executor"), committed[name])],
        )

    def _lost(self, service: str, commits: Mapping[TopicPartition, GroupCommit]) -> Iterator[LostRange]:
        """What the members of a group have noted beside what they committed."""
        for partition, commit in sorted(commits.items()):
            note = note_in(commit.metadata)
            if note is not None and not note.is_over(self._clock.now_ms()):
                yield LostRange(service, partition.topic, partition.partition, note.records, from_ms(note.since_ms))

    async def close(self) -> None:
        """Disconnect; the next look connects anew."""
        self._admin = None
        stack, self._stack = self._stack, AsyncExitStack()
        await stack.aclose()

    async def _connect(self) -> None:
        stack = AsyncExitStack()
        try:
            admin = await stack.enter_async_context(admin_client(self._connection))
            self._reader = PartitionReader(self._connection)
            stack.push_async_callback(self._reader.stop)
            await self._reader.start()
            topic = self._topics["watermarks"]
            self._follower = WatermarkFollower(self._reader, topic, self._partitions, self._clock)
            await self._follower.read_tail()
            self._following = asyncio.create_task(self._follower.run())
            stack.push_async_callback(_ended, self._following)
        except BaseException:
            await asyncio.shield(stack.aclose())
            raise
        self._stack, self._admin = stack, admin

    def _group(
        self,
        found: ConsumerGroup,
        service: str | None,
        committed: Mapping[TopicPartition, GroupCommit],
        ends: Mapping[TopicPartition, int],
    ) -> Group:
        members: list[Member] = []
        for one in found.members:
            instance = parse_client_id(one.client_id)
            name, version = (one.client_id, None) if instance is None else (instance.name, instance.version)
            members.append(Member(name, version, one.host, one.partitions))
        lags: tuple[TopicLag, ...] = ()
        if service != "ticker":
            lags = tuple(self._lag(found.name, name, committed, ends) for name in READ.get(service or "executor", DUE))
        return Group(found.name, service, found.state, tuple(sorted(members)), lags)

    def _lag(
        self,
        group: str,
        topic: TopicName,
        committed: Mapping[TopicPartition, GroupCommit],
        ends: Mapping[TopicPartition, int],
    ) -> TopicLag:
        records, seconds = 0, 0.0
        for number in range(self._partitions):
            partition = TopicPartition(self._topics[topic], number)
            end = ends[partition] - (topic in TRANSACTIONAL and ends[partition] > 0)
            tracked = TopicPartition(f"{group}/{partition.topic}", number)
            lag = self._lags.look(tracked, committed.get(partition, NOTHING).offset, end, monotonic())
            records, seconds = records + lag.records, max(seconds, lag.seconds)
        return TopicLag(topic, records, seconds)

    async def _dead_letters(self) -> DeadLetterCount:
        topic = self._topics["dead-letters"]
        partitions = [TopicPartition(topic, number) for number in range(self._partitions)]
        first, ends, hour = await asyncio.gather(
            self._reader.beginnings(*partitions),
            self._reader.ends(*partitions),
            self._reader.offsets_at(self._clock.now_ms() - HOUR_MS, *partitions),
        )
        recent = (ends[one] - at for one, at in hour.items() if at is not None)
        return DeadLetterCount(sum(ends[one] - first[one] for one in partitions), sum(recent))


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


LOST: Final = (KafkaError, KafkaTimeout, TimeoutError, OSError)
"""What a look at a cluster that is away raises."""
