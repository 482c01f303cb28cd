"""PURE. Handlers that executors announced → documents."""

from tasker_core.handlers.handler_registry import parse_announcement
from tasker_core.messages import NULL
from tasker_log_sink.projection.tasks import Document


def handler_document(key: bytes | None, value: bytes | None) -> Document:
    """What a record of `handlers` says of one handler. Raises ValueError or RecursionError when it is none."""
    name, announced = parse_announcement(key, value)
    if announced is None:
        said, schema, problem, group = "", NULL, None, ""
    else:
        said, group, problem = announced.announcement.description, announced.announcement.group, announced.problem
        schema = announced.announcement.payload_schema if announced.schema is not None else NULL
    return {
        "_id": name,
        "withdrawn": announced is None,
        "description": said,
        "group": group,
        "payload_schema_json": bytes(schema).decode(),
        "problem": problem,
    }
