"""Topics of a test go with it, and no others."""

from uuid import uuid4

from tasker_core.topics import PARTITIONS, TOPICS, Topics
from tasker_devstack.polling import eventually
from tasker_devstack.topic_cleanup import delete_topics
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.topic_setup import create_topics, topic_faults


async def test_all_topics_of_a_prefix_are_deleted_and_those_of_others_stay(kafka: str, topics: str) -> None:
    prefix = f"t{uuid4().hex[:10]}"
    await create_topics(KafkaConnection(kafka), prefix, partitions=2)
    await delete_topics(KafkaConnection(kafka), prefix)

    async def all_missing() -> bool:
        names = ", ".join(Topics(prefix)[topic.name] for topic in TOPICS)
        return await topic_faults(KafkaConnection(kafka), prefix, 2) == [f"missing: {names}"]

    await eventually(all_missing, "the topics are gone")
    assert await topic_faults(KafkaConnection(kafka), topics, PARTITIONS) == []
    await delete_topics(KafkaConnection(kafka), prefix)
