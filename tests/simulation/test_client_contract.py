"""One suite for the simulated clients of Kafka and the real ones: what the ticker relies on holds for both."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Protocol

import pytest

from tasker_core.kafka_record import Record
from tasker_core.topics import PARTITIONS, Topics
from tasker_runtime.clock import Clock, SystemClock
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.lost_records import LossNotes
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.kafka.record_sender import RecordSender
from tasker_runtime.testing import RecordedLog
from tasker_ticker.kafka.interfaces import CommittedReader, TransactionalClient
from tasker_ticker.kafka.membership import Assignment, Membership
from tasker_ticker.kafka.transaction import FencedProducer, TransactionUncertain, ticker_producer
from tasker_ticker.scheduling.batch import TransactionBatch
from tasker_ticker.scheduling.memory.watermark import WatermarkAuthor, WatermarkPosition
from tests.simulation.cluster.broker import SimulatedBroker
from tests.simulation.cluster.group_coordinator import GroupCoordinator, SimulatedMembership
from tests.simulation.cluster.network import Network
from tests.simulation.cluster.reader import SimulatedReader, SimulatedRecordProducer
from tests.simulation.cluster.transactional_producer import SimulatedTransactionalProducer
from tests.simulation.environment.epochs import EPOCHS
from tests.simulation.environment.ticker_process import SimulatedClock
from tests.simulation.trace import Trace
from tests.simulation.virtual_loop import ProcessControl, VirtualLoop, process_context

SECONDS = 40


class Member(Protocol):
    """A member of the ticker's group."""

    @property
    def assignment(self) -> Assignment: ...
    async def prove(self, partition: int) -> None: ...
    async def run(self, stopping: asyncio.Event) -> None: ...


@dataclass(frozen=True)
class Clients:
    """What makes clients of one broker."""

    topics: Topics
    partitions: int
    clock: Clock
    reader: Callable[[], CommittedReader]
    transactional: Callable[[str], TransactionalClient]
    records: RecordSender
    member: Callable[[str], Member]

    @asynccontextmanager
    async def reading(self, topic: TopicPartition) -> AsyncGenerator[CommittedReader]:
        """A reader at the beginning of a partition."""
        reader = self.reader()
        await reader.start()
        try:
            reader.assign(topic)
            reader.seek(topic, 0)
            yield reader
        finally:
            await reader.stop()

    @asynccontextmanager
    async def owning(self, partition: int = 0) -> AsyncGenerator[FencedProducer]:
        """A producer that has fenced a partition."""
        producer = FencedProducer(self.transactional, self.topics, partition, self.clock)
        await producer.fence()
        try:
            yield producer
        finally:
            await producer.stop()


def batch_of(*values: str, topic: str = "due-tasks") -> TransactionBatch:
    batch = TransactionBatch(max_runs=100, max_bytes=1 << 20)
    for value in values:
        batch.add("due-tasks" if topic == "due-tasks" else "verdicts", "key", value.encode())
    batch.watermark = WatermarkPosition(second=0).to_record(WatermarkAuthor("test"))
    return batch


async def read_to_end(reader: CommittedReader, partition: TopicPartition) -> list[Record]:
    """As a restore reads: until the position has passed the end, markers included."""
    _, end = await reader.bounds(partition)
    found = list[Record]()
    while await reader.position(partition) < end:
        found += await reader.poll(100)
    return found


async def read(reader: CommittedReader, count: int) -> list[bytes | None]:
    """The values of so many records: a commit is answered before its records are visible."""
    found = list[Record]()
    while len(found) < count:
        found += await reader.poll(1_000)
    return values(found)


def values(records: list[Record]) -> list[bytes | None]:
    return [record.value for record in records]


async def records_come_in_order_whole_and_from_any_offset(clients: Clients) -> None:
    events = TopicPartition(clients.topics["task-events"], 0)
    async with clients.reading(events) as reader:
        assert await reader.bounds(events) == (0, 0)
        assert await reader.poll(10) == []
        for n in range(5):
            sent = await clients.records.send(
                events.topic, f"v{n}".encode(), key=b"k", partition=0, headers=[("h", b"x")]
            )
            assert sent == (0, n)
        found = await read_to_end(reader, events)
        assert values(found) == [b"v0", b"v1", b"v2", b"v3", b"v4"]
        assert [(r.topic, r.partition, r.offset, r.key, list(r.headers)) for r in found] == [
            (events.topic, 0, n, b"k", [("h", b"x")]) for n in range(5)
        ]
        assert abs(found[0].timestamp - clients.clock.now_ms()) < 10_000
        reader.seek(events, 3)
        assert values(await reader.poll(2_000, 1)) == [b"v3"]
        assert await reader.position(events) == 4


async def a_waiting_reader_gets_what_comes(clients: Clients) -> None:
    events = TopicPartition(clients.topics["task-events"], 0)
    async with clients.reading(events) as reader:
        waiting = asyncio.create_task(reader.poll(10_000))
        await asyncio.sleep(0)
        await clients.records.send(events.topic, b"late", key=b"k", partition=0)
        assert values(await waiting) == [b"late"]


async def a_batch_is_invisible_until_it_is_committed(clients: Clients) -> None:
    due = TopicPartition(clients.topics["due-tasks"], 0)
    async with clients.owning() as producer, clients.reading(due) as reader:
        await producer.send(batch_of(*(f"run {n}" for n in range(20))))
        assert await reader.bounds(due) == (0, 0)
        assert await reader.poll(50) == []
        await producer.commit()
        assert await read(reader, 20) == [f"run {n}".encode() for n in range(20)]
        await producer.send(batch_of())
        await producer.commit()
        assert await read_to_end(reader, due) == [], "markers move the position past the end, and are no records"
        assert abs(producer.clock_offset_ms) < 10_000


async def an_open_transaction_holds_back_what_comes_after_it(clients: Clients) -> None:
    verdicts = TopicPartition(clients.topics["verdicts"], 0)
    async with clients.owning() as producer, clients.reading(verdicts) as reader:
        await producer.send(batch_of("first", topic="verdicts"))
        await clients.records.send(verdicts.topic, b"second", key=b"k", partition=0)
        assert await reader.poll(50) == []
        await producer.commit()
        assert await read(reader, 2) == [b"first", b"second"]


async def a_new_owner_fences_the_last_one_and_aborts_what_it_left_open(clients: Clients) -> None:
    due = TopicPartition(clients.topics["due-tasks"], 0)
    async with clients.owning() as first, clients.reading(due) as reader:
        await first.send(batch_of("committed"))
        await first.commit()
        await first.send(batch_of("left open"))
        async with clients.owning() as second:
            with pytest.raises(TransactionUncertain):
                await first.commit()
            with pytest.raises(TransactionUncertain):
                await first.send(batch_of("too late"))
            await second.send(batch_of("the new owner's"))
            await second.commit()
            assert await read(reader, 2) == [b"committed", b"the new owner's"]


async def members_share_the_partitions_and_prove_what_is_theirs(clients: Clients) -> None:
    async with AsyncExitStack() as stack:
        stopping = asyncio.Event()
        members = [clients.member(f"member{n}") for n in range(2)]
        running = [asyncio.create_task(member.run(stopping)) for member in members]

        async def stop() -> None:
            stopping.set()
            await asyncio.gather(*running)

        stack.push_async_callback(stop)
        first, second = members

        def is_shared() -> bool:
            mine, other = first.assignment.partitions, second.assignment.partitions
            return bool(mine and other) and not mine & other and len(mine | other) == clients.partitions

        while not is_shared():
            for member in members:
                member.assignment.changed.clear()
            changes = [asyncio.create_task(member.assignment.changed.wait()) for member in members]
            await asyncio.wait(changes, return_when=asyncio.FIRST_COMPLETED)
            for change in changes:
                change.cancel()
        own, foreign = min(first.assignment.partitions), min(second.assignment.partitions)
        await first.prove(own)
        await second.prove(foreign)
    with pytest.raises(KafkaError):
        await first.prove(own)


Scenario = Callable[[Clients], Awaitable[None]]
SCENARIOS: list[Scenario] = [
    records_come_in_order_whole_and_from_any_offset,
    a_waiting_reader_gets_what_comes,
    a_batch_is_invisible_until_it_is_committed,
    an_open_transaction_holds_back_what_comes_after_it,
    a_new_owner_fences_the_last_one_and_aborts_what_it_left_open,
    members_share_the_partitions_and_prove_what_is_theirs,
]
each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)


@each_scenario
async def test_the_real_clients(kafka: str, topics: str, scenario: Scenario) -> None:
    records, named = RecordProducer(KafkaConnection(kafka)), Topics(topics)

    def member(_name: str) -> Membership:
        return Membership(
            KafkaConnection(kafka), f"{topics}-group", named["task-events"], LossNotes(int), Health(), RecordedLog()
        )

    clients = Clients(
        topics=named,
        partitions=PARTITIONS,
        clock=SystemClock(),
        reader=lambda: PartitionReader(KafkaConnection(kafka)),
        transactional=ticker_producer(KafkaConnection(kafka)),
        records=records,
        member=member,
    )
    try:
        async with asyncio.timeout(SECONDS):
            await scenario(clients)
    finally:
        await records.stop()


@dataclass
class SimulatedMember:
    """A process that is nothing but a member of the group."""

    name: str

    def join(self, group: GroupCoordinator, network: Network) -> SimulatedMembership:
        self._membership = SimulatedMembership(self, group, network)
        return self._membership

    def assign(self, partitions: frozenset[int]) -> None:
        self._membership.assignment.set(partitions)


@each_scenario
def test_the_simulated_clients(scenario: Scenario) -> None:
    partitions, loop, chance = 4, VirtualLoop(), Random(1)
    broker, network = SimulatedBroker(loop, chance, EPOCHS[0].second), Network(loop, chance)
    group = GroupCoordinator(partitions, loop, chance, Trace(False, loop.time))
    clients = Clients(
        topics=Topics(),
        partitions=partitions,
        clock=SimulatedClock(broker, 0),
        reader=lambda: SimulatedReader("reader", broker, network),
        transactional=lambda id_: SimulatedTransactionalProducer("producer", id_, broker, network, chance),
        records=SimulatedRecordProducer("producer", broker, network),
        member=lambda name: SimulatedMember(name).join(group, network),
    )

    async def run() -> None:
        async with asyncio.timeout(SECONDS):
            await scenario(clients)

    process = ProcessControl()
    running = loop.create_task(run(), context=process_context(process))
    loop.run_to(2 * SECONDS)
    try:
        assert running.done()
        running.result()
    finally:
        loop.shut_down([process])
