"""The HTTP shapes of handlers."""

from typing import Any

from pydantic import BaseModel


class HandlerInfo(BaseModel):
    """Something that can run, with the JSON Schema of its payload.

    `group` is the consumer group of the executors that announced it, null for Tasker's own handlers. `problem` says why
    payloads are not checked against the schema that was announced, if so.
    """

    name: str
    description: str
    payload_schema: dict[str, Any]
    group: str | None = None
    problem: str | None = None


class HandlerList(BaseModel):
    """All handlers."""

    items: list[HandlerInfo]
    next_cursor: str | None = None
