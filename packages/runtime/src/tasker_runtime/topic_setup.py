"""Makes the topics, with explicit settings; harmless to repeat: `python -m tasker_runtime.topic_setup`."""

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

from aiokafka.admin import NewTopic
from aiokafka.errors import KafkaError, for_code

from tasker_core.topics import PARTITIONS, TOPICS, Topics
from tasker_runtime.kafka.admin_client import admin_client
from tasker_runtime.kafka.client import START_SECONDS, KafkaTimeout, bounded
from tasker_runtime.kafka.connecting import KafkaUnreachable
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.settings import KafkaSettings
from tasker_runtime.setup_command import NotThereYet, parser, run

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
        new = [
            NewTopic(names[t.name], counts[names[t.name]], replicas, topic_configs=t.config(replicas)) for t in TOPICS
        ]
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


async def topic_faults(connection: KafkaConnection, prefix: str, partitions: int) -> list[str]:
    """What keeps the topics from being used: one that is missing, or has another number of partitions. Makes nothing.

    Raises KafkaError or KafkaTimeout when Kafka does not answer.
    """
    names, faults = Topics(prefix), list[str]()
    counts = {names[topic.name]: 1 if topic.single else partitions for topic in TOPICS}
    async with admin_client(connection) as admin:
        there = set(await bounded(admin.list_topics(), START_SECONDS, "listing topics"))
        found = [name for name in counts if name in there]
        described: list[Any] = []
        if found:
            described = await bounded(admin.describe_topics(found), START_SECONDS, "describing topics")
    for topic in described:
        if (has := len(topic["partitions"])) != counts[topic["topic"]]:
            faults.append(f"{topic['topic']} has {has} partitions, expected {counts[topic['topic']]}")
    if missing := [name for name in counts if name not in there]:
        faults.append(f"missing: {', '.join(missing)}")
    return faults


def _reason(error: Exception, settings: KafkaSettings) -> str:
    return str(error) if isinstance(error, KafkaUnreachable) else f"{error} (Kafka at {settings.kafka})"


async def _set_up() -> None:
    settings = KafkaSettings()
    try:
        await create_topics(settings.kafka, settings.topic_prefix, settings.partitions, settings.replicas)
    except (KafkaError, KafkaTimeout) as error:
        raise NotThereYet(_reason(error, settings)) from error


async def _check() -> None:
    settings = KafkaSettings()
    try:
        faults = await topic_faults(settings.kafka, settings.topic_prefix, settings.partitions)
    except (KafkaError, KafkaTimeout) as error:
        raise NotThereYet(_reason(error, settings)) from error
    if faults:
        raise NotThereYet("; ".join(faults))


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: 0 when all topics stand, 1 with one line of reason otherwise."""
    command = parser("tasker_runtime.topic_setup", "Make Tasker's topics in Kafka.")
    command.add_argument("--check", action="store_true", help="make nothing, and fail unless all of them stand")
    given = command.parse_args(arguments)
    return run("topics", _check if given.check else _set_up, given.wait)


if __name__ == "__main__":
    sys.exit(main())
