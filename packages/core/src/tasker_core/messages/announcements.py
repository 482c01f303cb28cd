"""What everyone has to know of handlers and chains (handlers, chains)."""

import msgspec
from msgspec import Raw

from tasker_core.messages.base import NULL, Message


class HandlerAnnounced(Message, frozen=True, kw_only=True, tag="handler"):
    """A handler that the executors of a group carry out (handlers; its key is the name, a null value withdraws it).

    `payload_schema` is the JSON Schema of its payloads (absent: any payload), `group` the consumer group in which its
    executors read the due topics: all others pass over its runs.
    """

    name: str
    description: str = ""
    payload_schema: Raw = NULL
    group: str


class TaskSuccessors(Message, frozen=True, kw_only=True, tag="successors"):
    """The tasks that a task starts when runs of it have ended (chains; a null value: none any more)."""

    task_id: str
    successors: tuple[str, ...]


decode_announcement = msgspec.json.Decoder(HandlerAnnounced).decode
decode_successors = msgspec.json.Decoder(TaskSuccessors).decode
