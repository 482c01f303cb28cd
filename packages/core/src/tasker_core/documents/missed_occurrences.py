"""PURE. Collection `missed`: ranges of nominal times that did not run."""

from datetime import datetime
from typing import Literal, TypedDict


class MissedContent(TypedDict):
    """A range as its message states it; `logged_at` is added when it is written."""

    _id: str
    task_id: str
    generation: int
    version: int
    reason: str
    from_at: datetime
    to_at: datetime


class MissedDocument(MissedContent):
    """A range. `_id` is made of its content."""

    logged_at: datetime


MissedField = Literal["_id", "task_id", "generation", "version", "reason", "from_at", "to_at", "logged_at"]
