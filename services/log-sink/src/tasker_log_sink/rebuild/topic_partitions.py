"""How many partitions topics have, as the broker says."""

from collections.abc import Sequence

from tasker_core.errors import TaskerError
from tasker_core.topics import TopicName, Topics
from tasker_runtime.kafka.admin_client import admin_client
from tasker_runtime.kafka.client import START_SECONDS, TopicPartition, bounded
from tasker_runtime.kafka.connection import KafkaConnection


class NoSuchTopic(TaskerError):
    """A topic is not there: is TASKER_TOPIC_PREFIX right?"""


async def topic_partitions(
    connection: KafkaConnection, topics: Topics, names: Sequence[TopicName]
) -> list[TopicPartition]:
    """All partitions of these topics. Raises NoSuchTopic, KafkaError, KafkaTimeout."""
    async with admin_client(connection) as admin:
        wanted = [topics[name] for name in names]
        described = await bounded(admin.describe_topics(wanted), START_SECONDS, "describing topics")
    found = {topic["topic"]: len(topic["partitions"]) for topic in described}
    if missing := [name for name in wanted if not found.get(name)]:
        raise NoSuchTopic(f"there is no topic {missing[0]}: is TASKER_TOPIC_PREFIX right?")
    return [TopicPartition(name, number) for name in wanted for number in range(found[name])]
