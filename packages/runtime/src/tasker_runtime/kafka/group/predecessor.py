"""Takes the place of a process that has died: the group would miss its member only after a session's length.

Static membership (KIP-345) would do the same, but such members say nothing when they stop, so that a clean handover
waits for the session's end; here members stay dynamic.
"""

from typing import Final

from aiokafka.errors import NoError, UnknownMemberIdError, for_code
from aiokafka.protocol.group import LeaveGroupRequest

from tasker_core.errors import TaskerError
from tasker_runtime.kafka.admin_client import admin_client, describe_group
from tasker_runtime.kafka.client import KafkaError, bounded
from tasker_runtime.kafka.client_id import parse_client_id
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.logs import Log

ANSWER_SECONDS: Final = 5.0
"""Longer than this the group itself would not take."""


async def remove_predecessor(connection: KafkaConnection, group: str, log: Log) -> None:
    """Remove from a group the members that have the instance id of this process: it is their successor.

    Once, before joining. If one of them lives in spite of that, it joins again: what it owns is fenced like after any
    rebalance. Without an instance id, or when Kafka does not answer, nothing happens: the group waits for them.
    """
    own = parse_client_id(connection.client_id)
    if own is None or own.instance_id is None:
        return
    try:
        removed = await bounded(
            _remove(connection, group, own.service, own.instance_id), ANSWER_SECONDS, "the members of the group"
        )
    except (TaskerError, KafkaError) as error:
        log.info("predecessor not removed", group=group, reason=str(error)[:300])
    else:
        if removed:
            log.info("predecessor removed", group=group, members=removed)


async def _remove(connection: KafkaConnection, group: str, service: str, instance_id: str) -> list[str]:
    removed = list[str]()
    async with admin_client(connection) as admin:
        for member in (await describe_group(admin, group)).members:
            found = parse_client_id(member.client_id)
            if found is None or (found.service, found.instance_id) != (service, instance_id):
                continue
            coordinator = await admin.find_coordinator(group)
            answer = await admin._send_request_to_node(coordinator, LeaveGroupRequest(group, member.id))
            if answer.error_code not in (NoError.errno, UnknownMemberIdError.errno):
                raise for_code(answer.error_code)(f"{member.id} can't be removed")
            removed.append(found.name)
    return removed
