"""Makes the topics, with explicit settings; harmless to repeat: `python -m tasker_runtime.topic_setup`."""

import asyncio
import sys
from typing import Any

from aiokafka.admin import NewTopic
from aiokafka.errors import KafkaError, for_code

from tasker_core.topics import PARTITIONS, TOPICS, Topics
from tasker_runtime.kafka.admin_client import admin_client
from tasker_runtime.kafka.client import START_SECONDS, KafkaTimeout, bounded
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.settings import KafkaSettings

_EXISTS = 36  # TOPIC_ALREADY_EXISTS in Kafka's protocol


async def create_topics(
    connection: KafkaConnection, prefix: str = "tasker", partitions: int = PARTITIONS, replicas: int = 1
) -> None:
    """Create the topics that do not exist yet.

    Raises KafkaError when one can't be made, KafkaTimeout when Kafka does not
    answer, ValueError when an existing topic has another number of partitions (it is fixed at installation).
    """
    names = Topics(prefix)
    async with admin_client(connection) as admin:
        counts = {names[t.name]: 1 if t.single else partitions for t in TOPICS}
        new = [NewTopic(names[t.name], counts[names[t.name]], replicas, topic_configs=t.config()) for t in TOPICS]
        answer = await bounded(admin.create_topics(new), START_SECONDS, "creating topics")
        for name, code, *message in answer.topic_errors:
            if code not in (0, _EXISTS):
                raise for_code(code)(f"{name}: {message}")
        await bounded(_until_led(admin, counts), START_SECONDS, "waiting for the partitions' leaders")


async def _until_led(admin: Any, counts: dict[str, int]) -> None:
    """Wait until every partition has a leader: clients that ask earlier may take long to ask again."""
    while True:
        topics = await admin.describe_topics(list(counts))
        for topic in topics:
            name, partitions = topic["topic"], len(topic["partitions"])
            if partitions not in (0, counts[name]):
                raise ValueError(
                    f"topic {name} has {partitions} partitions, expected {counts[name]}: "
                    "the number is fixed at installation; set TASKER_PARTITIONS to it"
                )
        if all(t["partitions"] and all(p["leader"] >= 0 for p in t["partitions"]) for t in topics):
            return
        await asyncio.sleep(0.05)


def main() -> int:
    """Command line: 0 when all topics stand, 1 with one line of reason otherwise."""
    settings = KafkaSettings()
    try:
        asyncio.run(create_topics(settings.kafka, settings.topic_prefix, settings.partitions, settings.replicas))
    except (KafkaError, KafkaTimeout, ValueError) as error:
        sys.stderr.write(f"topics: {error} (Kafka at {settings.kafka_bootstrap_servers})\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
