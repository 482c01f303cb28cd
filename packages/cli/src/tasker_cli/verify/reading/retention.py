"""For how long Kafka keeps what is appended to a topic."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import NoError, TopicAuthorizationFailedError

from tasker_runtime.kafka.admin_client import admin_client
from tasker_runtime.kafka.client import START_SECONDS, bounded
from tasker_runtime.kafka.connection import KafkaConnection

DELETE: Final = "delete"
UNBOUNDED: Final = "-1"


class Retentions(NamedTuple):
    """How long topics are kept, as far as that is known.

    Of those that are compacted, or bounded in size as well, it is not. `denied`: those whose settings may not be read.
    """

    milliseconds: dict[str, int]
    denied: list[str]


async def retentions(connection: KafkaConnection, topics: Sequence[str]) -> Retentions:
    """Of these topics. Raises KafkaError or KafkaTimeout."""
    wanted = [ConfigResource(ConfigResourceType.TOPIC, name) for name in topics]
    async with admin_client(connection) as admin:
        answers: Any = await bounded(admin.describe_configs(wanted), START_SECONDS, "the settings of topics")
    found, denied = dict[str, int](), list[str]()
    for error_code, _, _, name, entries in (one for answer in answers for one in answer.resources):
        settings: dict[str, str] = {entry[0]: entry[1] for entry in entries}
        if error_code == TopicAuthorizationFailedError.errno:
            denied.append(name)
        if error_code != NoError.errno or settings.get("cleanup.policy") != DELETE:
            continue
        kept = settings.get("retention.ms", UNBOUNDED)
        if settings.get("retention.bytes") == UNBOUNDED and kept != UNBOUNDED:
            found[name] = int(kept)
    return Retentions(found, denied)
