"""From announced handlers to HTTP shapes."""

import json
from typing import Any, cast

from tasker_api.schemas.handlers import HandlerInfo
from tasker_core.documents.handlers import HandlerDocument


def handler_info(handler: HandlerDocument) -> HandlerInfo:
    """An announced handler as the list shows it."""
    return HandlerInfo(
        name=handler["_id"],
        description=handler["description"],
        payload_schema=_as_object(json.loads(handler["payload_schema_json"])),
        group=handler["group"],
        problem=handler["problem"],
    )


def _as_object(schema: Any) -> dict[str, Any]:
    """A schema in the form of an object: `null` and `true` take anything, `false` nothing."""
    if isinstance(schema, dict):
        return cast("dict[str, Any]", schema)
    return {"not": {}} if schema is False else {}
