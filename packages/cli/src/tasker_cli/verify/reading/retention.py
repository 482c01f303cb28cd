"""For how long Kafka keeps what is appended to a topic."""

from collections.abc import Sequence
from typing import Any, Final

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import NoError

from tasker_runtime.kafka.admin_client import admin_client
from tasker_runtime.kafka.client import START_SECONDS, bounded
from tasker_runtime.kafka.connection import KafkaConnection

DELETE: Final = "delete"
UNBOUNDED: Final = "-1"


async def retentions(connection: KafkaConnection, topics: Sequence[str]) -> dict[str, int]:
    """Milliseconds by topic. Left out are those that are compacted or bounded in size as well, and those whose settings
    may not be read. Raises KafkaError or KafkaTimeout."""
    wanted = [ConfigResource(ConfigResourceType.TOPIC, name) for name in topics]
    async with admin_client(connection) as admin:
        answers: Any = await bounded(admin.describe_configs(wanted), START_SECONDS, "the settings of topics")
    found = dict[str, int]()
    for error_code, _, _, name, entries in (one for answer in answers for one in answer.resources):
        settings: dict[str, str] = {entry[0]: entry[1] for entry in entries}
        if error_code != NoError.errno or settings.get("cleanup.policy") != DELETE:
            continue
        kept = settings.get("retention.ms", UNBOUNDED)
        if settings.get("retention.bytes") == UNBOUNDED and kept != UNBOUNDED:
            found[name] = int(kept)
    return found
