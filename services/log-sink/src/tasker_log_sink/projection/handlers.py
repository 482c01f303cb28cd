"""PURE. Announcements of handlers as documents of `handlers`."""

from tasker_core.documents.handlers import HandlerContent
from tasker_core.handlers.handler_registry import parse_announcement


def handler_document(key: bytes | None, value: bytes | None) -> HandlerContent:
    """What a record of `handlers` announces or withdraws. Raises ValueError or RecursionError when it is neither."""
    name, announced = parse_announcement(key, value)
    if announced is None:
        return {
            "_id": name,
            "withdrawn": True,
            "description": "",
            "group": "",
            "payload_schema_json": "null",
            "problem": None,
        }
    announcement = announced.announcement
    return {
        "_id": name,
        "withdrawn": False,
        "description": announcement.description,
        "group": announcement.group,
        "payload_schema_json": "null" if announced.schema is None else bytes(announcement.payload_schema).decode(),
        "problem": announced.problem,
    }
