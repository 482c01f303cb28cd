"""PURE. The AsyncAPI 3.0 document: the topics, their messages, and what others may do with them.

Operations are those of a third party: `send` is what it sends. Payloads are the files in `contract/schemas`.
"""

from collections.abc import Mapping
from inspect import cleandoc
from typing import Any, Final, Literal, NamedTuple

from tasker_contract import service_messages, task_event_schema
from tasker_core import messages
from tasker_core.handlers.handler_registry import GROUP_PATTERN, NAME_PATTERN
from tasker_core.ids import TASK_ID_PATTERN
from tasker_core.messages import dead_letter
from tasker_core.messages.verdicts import EventType
from tasker_core.topics import PARTITIONS, TOPICS, KeyKind, Topic, TopicName, Topics, partition_of

BINDING: Final = {"bindingVersion": "0.5.0"}
_KEYS: Final[dict[KeyKind, dict[str, Any]]] = {
    "task-id": {"type": "string", "pattern": TASK_ID_PATTERN},
    "handler": {"type": "string", "pattern": f"^{NAME_PATTERN}$"},
    "calendar": {"type": "string", "pattern": TASK_ID_PATTERN},
    "partition": {"type": "string", "pattern": "^[0-9]+$"},
    "any": {},
}
_GROUP: Final = {"type": "string", "pattern": f"^{GROUP_PATTERN}$", "description": "The group that you announced."}
_COMMITTED: Final = "Read with isolation.level=read_committed."
_ABOUT: Final = (
    "What goes through Kafka: produce task events, carry out handlers in an executor of your own, read verdicts and "
    "results.",
    "Operations are those of a third party: `send` is what it sends, `receive` what it reads.",
    f"Topics have {PARTITIONS} partitions, where nothing else is said, or as many as the installation has; it can "
    f"change the prefix `{Topics().prefix}`, too.",
)


class _Operation(NamedTuple):
    action: Literal["send", "receive"]
    topic: TopicName
    summary: str
    messages: tuple[str, ...] = ()
    """The names of the messages; empty: all of the topic."""
    has_reply: bool = False
    in_group: bool = False


_OPERATIONS: Final = {
    "send-task-events": _Operation(
        "send", "task-events", "Say what you want of a task.",
        tuple(name for name in task_event_schema.DATA if name not in task_event_schema.OF_EXECUTORS), has_reply=True,
    ),
    "receive-verdicts": _Operation("receive", "verdicts", f"Learn what became of task events. {_COMMITTED}"),
    "receive-watermarks": _Operation("receive", "watermarks", f"Learn how far the ticker has come. {_COMMITTED}"),
    "receive-results": _Operation("receive", "results", "Learn what became of runs, each at least once."),
    "receive-handlers": _Operation("receive", "handlers", "Learn what can run."),
    "receive-chains": _Operation("receive", "chains", f"Learn which task starts which. {_COMMITTED}"),
    "receive-calendars": _Operation("receive", "calendars", f"Learn which days calendars have. {_COMMITTED}"),
    "receive-dead-letters": _Operation("receive", "dead-letters", "Look at what could not be used."),
    "send-handlers": _Operation("send", "handlers", "As an executor: say at each start what you carry out."),
    "receive-due-tasks": _Operation("receive", "due-tasks", f"As an executor. {_COMMITTED}", in_group=True),
    "receive-due-background": _Operation(
        "receive", "due-background", f"As an executor, with a smaller share. {_COMMITTED}", in_group=True
    ),
    "send-retries": _Operation(
        "send", "task-events", "As an executor: ask for the next attempt, then send the result.",
        ("retry",), has_reply=True,
    ),
    "send-outcomes": _Operation(
        "send", "task-events",
        "As an executor: report how a run of a task that counts failures ended, then send the result.",
        ("outcome",),
    ),
    "send-chains": _Operation(
        "send", "task-events",
        "As an executor: send the result of a run that starts others, then this for each, then commit its offset.",
        ("chain",), has_reply=True,
    ),
    "send-waits": _Operation(
        "send", "task-events",
        "As an executor: let an attempt wait for the report of its end, then send `run.started`.",
        ("wait",), has_reply=True,
    ),
    "send-dead-letters": _Operation(
        "send", "dead-letters", "As an executor: keep a run that failed for good, then send the result."
    ),
    "send-results": _Operation(
        "send", "results", "As an executor: report what became of a run, then commit its offset."
    ),
}  # fmt: skip


def document(version: str) -> dict[str, Any]:
    """The whole document."""
    channels: dict[TopicName, Any] = {topic.name: _channel(topic) for topic in TOPICS}
    channels["dead-letters"]["messages"]["dead-letter"]["headers"] = {
        "type": "object",
        "properties": {name: {"type": "string", "description": text} for name, text in dead_letter.HEADERS.items()},
        "required": [name for name in dead_letter.HEADERS if name not in dead_letter.OPTIONAL_HEADERS],
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tasker",
            "version": version,
            "description": "\n\n".join(
                (*_ABOUT, _paragraph(partition_of.__doc__), _paragraph(messages.__doc__, 1)),
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "{bootstrap}",
                "protocol": "kafka",
                "variables": {"bootstrap": {"default": "localhost:9092"}},
            }
        },
        "channels": channels,
        "operations": {name: _operation(operation, channels) for name, operation in _OPERATIONS.items()},
    }


def _channel(topic: Topic) -> dict[str, Any]:
    address = Topics()[topic.name]
    config: dict[str, Any] = {name: int(v) if v.isdigit() else v for name, v in topic.config().items()}
    config["cleanup.policy"] = config["cleanup.policy"].split(",")
    partitions = 1 if topic.single else PARTITIONS
    key = {"kafka": {"key": _KEYS[topic.key], **BINDING}}
    return {
        "address": address,
        "description": topic.about,
        "messages": {
            name: {"name": name, **message, "bindings": key} for name, message in _messages(topic.name).items()
        },
        "bindings": {
            "kafka": {"topic": address, "partitions": partitions, "topicConfiguration": config, **BINDING},
        },
    }


def _messages(topic: TopicName) -> dict[str, dict[str, Any]]:
    match topic:
        case "task-events":
            return {
                name: message for event_type in task_event_schema.DATA for name, message in _event(event_type).items()
            }
        case "ticker-state":
            return {"memory": {"summary": "No contract.", "payload": {}}}
        case "dead-letters":
            summary = "The record's own key and value, which may be anything, and its headers behind those of ours."
            return {"dead-letter": {"summary": summary, "contentType": "application/octet-stream", "payload": {}}}
        case _:
            return _service_messages(topic)


def _service_messages(topic: TopicName) -> dict[str, dict[str, Any]]:
    """What Tasker's services write there."""
    file = service_messages.FILES[topic]
    found = {
        service_messages.message_name(struct): {
            "summary": _paragraph(struct.__doc__),
            "payload": _ref(file, struct.__name__),
        }
        for struct in service_messages.STRUCTS[file]
    }
    if topic == "verdicts":
        found["verdict"]["correlationId"] = _location("payload#/event_id")
    if topic == "handlers":
        found["handler.withdrawn"] = {"summary": "The same name with a null value.", "payload": {"type": "null"}}
    if topic == "chains":
        found["successors.none"] = {"summary": "The same task with a null value.", "payload": {"type": "null"}}
    if topic == "calendars":
        found["calendar.deleted"] = {"summary": "The same name with a null value.", "payload": {"type": "null"}}
    return found


def _event(event_type: EventType) -> dict[str, dict[str, Any]]:
    """A type of task events in each of its forms."""
    model = task_event_schema.DATA[event_type]
    summary, structured = _paragraph(model.__doc__), task_event_schema.STRUCTURED + event_type
    return {
        event_type: {
            "summary": f"{summary} In the short form.",
            "headers": task_event_schema.TRACE_HEADERS,
            "payload": _ref("task-events", event_type),
            "correlationId": _location("payload#/id"),
        },
        f"{event_type}.structured": {
            "summary": f"{summary} As a structured CloudEvent.",
            "headers": task_event_schema.TRACE_HEADERS,
            "payload": _ref("task-events", structured),
            "correlationId": _location("payload#/id"),
        },
        f"{event_type}.binary": {
            "summary": f"{summary} As a binary CloudEvent.",
            "headers": task_event_schema.headers(event_type),
            "payload": _ref("task-events", model.__name__),
            "correlationId": _location("header#/ce_id"),
        },
    }


def _operation(operation: _Operation, channels: Mapping[TopicName, Any]) -> dict[str, Any]:
    names = [
        n
        for n in channels[operation.topic]["messages"]
        if not operation.messages or n.partition(".")[0] in operation.messages
    ]
    reply = {"channel": _channel_ref("verdicts"), "messages": [_channel_ref("verdicts", "verdict")]}
    return {
        "action": operation.action,
        "channel": _channel_ref(operation.topic),
        "summary": operation.summary,
        "messages": [_channel_ref(operation.topic, name) for name in names],
        **({"reply": reply} if operation.has_reply else {}),
        **({"bindings": {"kafka": {"groupId": _GROUP, **BINDING}}} if operation.in_group else {}),
    }


def _channel_ref(topic: TopicName, message: str | None = None) -> dict[str, str]:
    return {"$ref": f"#/channels/{topic}" + (f"/messages/{message}" if message else "")}


def _location(expression: str) -> dict[str, str]:
    return {"location": f"$message.{expression}"}


def _ref(file: str, definition: str) -> dict[str, str]:
    return {"$ref": f"schemas/{file}.json#/$defs/{definition}"}


def _paragraph(docstring: str | None, number: int = 0) -> str:
    """One of its paragraphs, in one line."""
    assert docstring, "what is public has a docstring"
    return " ".join(cleandoc(docstring).split("\n\n")[number].split())
