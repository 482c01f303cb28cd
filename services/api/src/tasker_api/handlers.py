"""What can run, as the log sink has it: for the list of handlers, and for the check when a task is saved."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from pydantic import JsonValue

from tasker_api.store import Store
from tasker_core.errors import FieldError
from tasker_core.handlers.built_in import BUILT_IN, payload_errors
from tasker_core.handlers.payload_schema import PayloadSchema
from tasker_core.task import HandlerCheck
from tasker_runtime.documents import HandlerDocument
from tasker_runtime.mongo import PyMongoError


async def check_for(store: Store, body: Mapping[str, Any]) -> HandlerCheck:
    """The check of a task's payload.

    A handler that is not known here, or can't be looked up, is left to the ticker: it has the last word anyway, and
    knows at once what was announced a moment ago.
    """
    name = body.get("handler", "default")
    if not isinstance(name, str) or name in BUILT_IN:
        return payload_errors
    try:
        found = await store.handler(name)
    except PyMongoError:
        found = None
    return _unchecked if found is None else _check_of(found["payload_schema_json"])


def described(found: HandlerDocument) -> dict[str, Any]:
    """An announced handler as the list shows it."""
    return {
        "name": found["_id"],
        "description": found["description"],
        "payload_schema": _as_object(json.loads(found["payload_schema_json"])),
        "group": found["group"],
        "problem": found["problem"],
    }


def _as_object(schema: Any) -> dict[str, Any]:
    """A schema in the form of an object: `null` and `true` take anything, `false` nothing."""
    if isinstance(schema, dict):
        return cast("dict[str, Any]", schema)
    return {"not": {}} if schema is False else {}


def _unchecked(handler: str, payload: JsonValue) -> list[FieldError]:
    del handler, payload
    return []


@lru_cache(maxsize=256)
def _check_of(schema: str) -> HandlerCheck:
    if schema == "null":
        return _unchecked
    compiled = PayloadSchema(schema.encode())

    def check(handler: str, payload: JsonValue) -> list[FieldError]:
        del handler
        found = compiled.errors(payload)
        return [FieldError(pointer="/payload" + error.pointer, message=error.message) for error in found]

    return check
