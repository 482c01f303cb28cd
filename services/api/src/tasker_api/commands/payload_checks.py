"""The check of a payload against the schema that its handler was announced with."""

from functools import lru_cache

from pydantic import JsonValue

from tasker_api.api_context import ApiContext
from tasker_core.errors import FieldError
from tasker_core.handlers.built_in import BUILT_IN, payload_errors
from tasker_core.handlers.payload_schema import PayloadSchema
from tasker_core.task import HandlerCheck
from tasker_runtime.mongo import PyMongoError


async def payload_check(context: ApiContext, handler: object) -> HandlerCheck:
    """The check of payloads for a handler.

    A handler that is not in the database, or can't be looked up, is left to the ticker: its decision counts anyway, and
    it reads announcements at once.
    """
    if not isinstance(handler, str) or handler in BUILT_IN:
        return payload_errors
    try:
        found = await context.handlers.find(handler)
    except PyMongoError:
        found = None
    return _unchecked if found is None else _schema_check(found["payload_schema_json"])


def _unchecked(handler: str, payload: JsonValue) -> list[FieldError]:
    del handler, payload
    return []


@lru_cache(maxsize=256)
def _schema_check(schema: str) -> HandlerCheck:
    if schema == "null":
        return _unchecked
    compiled = PayloadSchema(schema.encode())

    def check(handler: str, payload: JsonValue) -> list[FieldError]:
        del handler
        found = compiled.errors(payload)
        return [FieldError(pointer="/payload" + error.pointer, message=error.message) for error in found]

    return check
