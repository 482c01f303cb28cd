"""PURE. Handlers that executors announced → documents."""

from tasker_core.announced import read_announcement
from tasker_core.messages import NULL
from tasker_log_sink.tasks import Document


def handler_document(key: bytes | None, value: bytes | None) -> Document:
    """What a record of `handlers` says of one handler. Raises ValueError or RecursionError when it is none."""
    name, announced = read_announcement(key, value)
    if announced is None:
        said, schema, problem, group = "", NULL, None, ""
    else:
        said, group, problem = announced.said.description, announced.said.group, announced.problem
        schema = announced.said.payload_schema if announced.schema is not None else NULL
    return {
        "_id": name,
        "withdrawn": announced is None,
        "description": said,
        "group": group,
        "payload_schema_json": bytes(schema).decode(),
        "problem": problem,
    }
