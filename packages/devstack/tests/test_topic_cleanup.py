"""Topics of a test go with it, and no others."""

from uuid import uuid4

from tasker_core.topics import Topics
from tasker_devstack.polling import eventually
from tasker_devstack.topic_cleanup import delete_topics
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.topic_setup import create_topics


async def test_all_topics_of_a_prefix_are_deleted_and_those_of_others_stay(kafka: str, topics: str) -> None:
    prefix = f"t{uuid4().hex[:10]}"
    await create_topics(KafkaConnection(kafka), prefix, partitions=2)
    producer = RecordProducer(KafkaConnection(kafka))
    await delete_topics(KafkaConnection(kafka), prefix)

    async def deleted() -> bool:
        return not any([await producer.topic_exists(Topics(prefix)[name], 10) for name in ("results", "handlers")])

    await eventually(deleted, "the topics are gone")
    assert await producer.topic_exists(Topics(topics)["results"], 10)
    await delete_topics(KafkaConnection(kafka), prefix)
    await producer.stop()
