"""A member of the group: ready while it has its share and Kafka answers, and what hangs or ends in it is seen."""

import asyncio

import pytest

from tasker_core.kafka_record import Record
from tasker_core.topics import Topics
from tasker_devstack.backends.embedded_kafka import EmbeddedKafka
from tasker_devstack.polling import eventually
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.group.group_consumer import Assigned, GroupConsumer
from tasker_runtime.kafka.lost_records import LossNotes
from tasker_runtime.testing import RecordedLog
from tasker_runtime.topic_setup import create_topics
from tasker_ticker.kafka import membership
from tasker_ticker.kafka.membership import GROUP, MEMBERSHIP, SILENT_MS, Membership


async def test_a_member_without_partitions_is_ready_only_while_kafka_answers_and_lives_in_any_case(
    kafka_broker: EmbeddedKafka,
) -> None:
    kafka, stopping = KafkaConnection(kafka_broker.bootstrap), asyncio.Event()
    await create_topics(kafka, "t", partitions=1)
    healths = [Health(), Health()]
    members = [
        Membership(kafka, "g", Topics("t")["task-events"], LossNotes(int), health, RecordedLog()) for health in healths
    ]
    assert not any(health.report().ready for health in healths)
    running = [asyncio.create_task(member.run(stopping)) for member in members]

    async def ready(expected: bool) -> bool:
        assert all(health.report().live for health in healths)
        return all(health.report().ready == expected for health in healths)

    async def shared() -> bool:
        return sorted(len(member.assignment.partitions) for member in members) == [0, 1]

    await eventually(shared, "one has the partition", 40)
    await eventually(lambda: ready(expected=True), "both are ready", 40)
    await kafka_broker.stop()
    await eventually(lambda: ready(expected=False), "none is ready", 40)
    await kafka_broker.start()
    await eventually(lambda: ready(expected=True), "both are ready again", 60)
    stopping.set()
    await asyncio.gather(*running)


class ScriptedConsumer(GroupConsumer):
    """A member whose group answers every ping, and does what a test says besides. It needs no server."""

    hangs = False
    ping_error: Exception | None = None
    last: "ScriptedConsumer"

    def __init__(
        self, connection: KafkaConnection, group: str, topics: object, *, assigned: Assigned, revoked: Assigned
    ) -> None:
        ScriptedConsumer.last = self
        self.assign, self.revoke = assigned, revoked

    async def start(self) -> None:
        await self.assign(frozenset({TopicPartition("t", 0)}))

    def pause(self, partitions: object) -> None:
        pass

    async def poll(self, wait_ms: int, limit: int | None = None, partitions: object = None) -> list[Record]:
        while self.hangs:  # not even a cancellation helps
            try:
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError:
                continue
        await asyncio.sleep(0)
        return []

    async def ping(self, seconds: float) -> None:
        if self.ping_error is not None:
            raise self.ping_error

    async def stop(self) -> None:
        pass


class NotedHealth(Health):
    """Keeps the names of the checks that were said to hold."""

    noted: list[str]

    def ok(self, name: str, detail: str = "ok") -> None:
        self.noted.append(name)
        Health.ok(self, name, detail)


class Member:
    """A member with such a consumer, and what its health says by a clock that is set."""

    def __init__(self, consumer: type[ScriptedConsumer]) -> None:
        self.now_ms = 0
        self.health, kafka = NotedHealth(lambda: self.now_ms), KafkaConnection("127.0.0.1:9")
        self.health.noted = []
        self.membership = Membership(kafka, "g", "t", LossNotes(int), self.health, RecordedLog(), consumer)

    async def until(self, name: str, *, good: bool) -> None:
        async def holds() -> bool:
            return self.health.checks[name].good == good

        await eventually(holds, f"{name} is {good}", 5)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(membership, "PROOF_SECONDS", 0.01)
    monkeypatch.setattr(membership, "POLL_SECONDS", 0.05)


@pytest.mark.usefixtures("quick")
async def test_a_poll_that_hangs_is_seen_though_the_group_answers() -> None:
    class Hanging(ScriptedConsumer):
        hangs = True

    member, stopping = Member(Hanging), asyncio.Event()
    running = asyncio.create_task(member.membership.run(stopping))
    try:
        await member.until(GROUP, good=True)
        member.now_ms += SILENT_MS + 1
        member.health.fail(GROUP, "to see the next answer")
        await member.until(GROUP, good=True)
        report = member.health.report()
        assert (report.live, report.checks[MEMBERSHIP]) == (False, "silent for too long")
    finally:
        Hanging.hangs = False
        stopping.set()
        running.cancel()
        await asyncio.wait({running})


@pytest.mark.usefixtures("quick")
async def test_nothing_is_assigned_until_the_group_says_so() -> None:
    member, stopping = Member(ScriptedConsumer), asyncio.Event()
    running = asyncio.create_task(member.membership.run(stopping))
    await member.until(MEMBERSHIP, good=True)
    await ScriptedConsumer.last.revoke(frozenset())
    await member.until(MEMBERSHIP, good=False)
    member.health.noted.clear()
    for _ in range(3):
        member.health.fail(GROUP, "to see the next answer")
        await member.until(GROUP, good=True)
        assert not member.health.report().ready
    assert set(member.health.noted) == {GROUP}, "nor was it for a moment"
    await ScriptedConsumer.last.assign(frozenset())
    await member.until(MEMBERSHIP, good=True)
    assert member.health.report().ready
    stopping.set()
    await running


@pytest.mark.usefixtures("quick")
async def test_an_error_that_nobody_foresaw_ends_the_member_whichever_loop_has_it() -> None:
    class Failing(ScriptedConsumer):
        ping_error = ZeroDivisionError()

    async with asyncio.timeout(5):
        with pytest.raises(ZeroDivisionError):
            await Member(Failing).membership.run(asyncio.Event())
