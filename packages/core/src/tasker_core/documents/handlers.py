"""PURE. Collection `handlers`: what executors announced, the newest announcement of each name."""

from datetime import datetime
from typing import Literal, TypedDict


class HandlerContent(TypedDict):
    """A handler as it was announced; `logged_at` is added when it is written.

    `problem` says why payloads can't be checked against the schema, if so; then `payload_schema_json` is `null`.
    """

    _id: str
    withdrawn: bool
    description: str
    group: str
    payload_schema_json: str
    problem: str | None


class HandlerDocument(HandlerContent):
    """A handler. `_id` is its name."""

    logged_at: datetime


HandlerField = Literal["_id", "withdrawn", "description", "group", "payload_schema_json", "problem", "logged_at"]
