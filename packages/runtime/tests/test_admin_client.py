"""What is asked about groups."""

from typing import Any, NamedTuple

import pytest

from tasker_core.topics import Topics
from tasker_devstack.polling import eventually
from tasker_runtime.kafka.admin_client import ConsumerGroupMember, admin_client, describe_group, group_commits
from tasker_runtime.kafka.client import KafkaError, TopicPartition
from tasker_runtime.kafka.client_id import ServiceInstance, client_id_of, parse_client_id
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.group.group_consumer import GroupConsumer

MEMBER = ("client-1", "client", "/10.0.0.1", b"", b"")


class Answer(NamedTuple):
    """A coordinator's answer: per group error code, id, state, protocol type, protocol, members, operations."""

    groups: list[tuple[int, str, str, str, str, list[Any], int]]


class Coordinator:
    """An admin client whose coordinator answers so."""

    def __init__(self, error_code: int, members: int) -> None:
        self._answer = Answer([(error_code, "g", "Stable", "consumer", "range", [MEMBER] * members, -1)])

    async def describe_consumer_groups(self, _: list[str]) -> list[Answer]:
        return [self._answer]


@pytest.mark.parametrize(("error_code", "members"), [(0, 2), (0, 0), (69, 0)])
async def test_members_are_counted(error_code: int, members: int) -> None:
    found = await describe_group(Coordinator(error_code, members), "g")
    assert found.members == (ConsumerGroupMember("client", "10.0.0.1", 0, "client-1"),) * members


@pytest.mark.parametrize("error_code", [14, 15, 16, 30])
async def test_an_error_is_not_taken_for_a_group_without_members(error_code: int) -> None:
    """Loading, not available, not the coordinator any more, not allowed."""
    with pytest.raises(KafkaError, match="the members of group g"):
        await describe_group(Coordinator(error_code, 0), "g")


async def test_a_group_that_is_not_there_has_no_members(kafka: str) -> None:
    async with admin_client(KafkaConnection(kafka)) as admin:

        async def members() -> list[int] | None:
            try:
                return [len((await describe_group(admin, "never-there")).members)]
            except KafkaError:
                return None  # a new broker has to make a topic first

        assert await eventually(members, "an answer", 30) == [0]


async def test_a_group_tells_of_its_members_what_they_read_and_which_software_they_are(kafka: str, topics: str) -> None:
    name, instance = f"{topics}-described", ServiceInstance("executor", "1.2.3", "host-7")
    assigned = frozenset[TopicPartition]()

    async def on_assigned(partitions: frozenset[TopicPartition]) -> None:
        nonlocal assigned
        assigned = partitions

    async def on_revoked(_: frozenset[TopicPartition]) -> None:
        return

    connection = KafkaConnection(kafka, client_id=client_id_of(instance))
    topic = Topics(topics)["due-tasks"]
    consumer = GroupConsumer(connection, name, [topic], assigned=on_assigned, revoked=on_revoked)
    await consumer.start()
    async with admin_client(KafkaConnection(kafka)) as admin:

        async def owns() -> bool:
            await consumer.poll(50)
            return bool(assigned)

        await eventually(owns, "an assignment")
        (member,) = (await describe_group(admin, name)).members
        assert (parse_client_id(member.client_id), member.partitions) == (instance, len(assigned))
        await consumer.commit({TopicPartition(topic, 0): (7, "note")})
        assert await group_commits(admin, name) == {TopicPartition(topic, 0): (7, "note")}
    await consumer.stop()


@pytest.mark.parametrize(
    "client", ["aiokafka-0.14.0", "tasker", "tasker-executor@1", "tasker-x@1@h@i@j", "tasker-x@1@h@", ""]
)
def test_a_client_of_others_is_no_instance(client: str) -> None:
    assert parse_client_id(client) is None


@pytest.mark.parametrize("instance_id", [None, "ticker-0"])
def test_a_client_s_name_says_which_instance_it_is_of(instance_id: str | None) -> None:
    instance = ServiceInstance("ticker", "1.2.3", "host-7", instance_id)
    assert parse_client_id(client_id_of(instance)) == instance
