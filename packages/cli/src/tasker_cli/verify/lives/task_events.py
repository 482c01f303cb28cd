"""PURE. The records of `task-events`, as far as an audit asks: what wants an answer, what a backfill wants to run."""

from datetime import datetime
from math import ceil
from typing import Any, Final, NamedTuple, cast

CALENDAR_EVENTS: Final = frozenset({"calendar", "calendar-delete"})
"""Those about a calendar: its name stands where that of a task does."""
NO_TASK_EVENTS: Final = CALENDAR_EVENTS | {"change-set"}
"""Those about no task, but a calendar or a change-set, whose id stands where that of a task does."""
ANSWERED: Final = frozenset({"put", "delete", "pause", "resume", "trigger", "backfill", "cancel"}) | NO_TASK_EVENTS
"""The events that have a verdict, whatever becomes of them. (Of an executor's, only what is refused has one.)"""

ALERTS: Final = "tasker-alerts."
"""How the ids begin under which alerts run, and are tried again: no task has one of these."""


class EventRecord(NamedTuple):
    """An event of one of these types; `id` is what its verdict names it."""

    id: str
    type: str
    task_id: str
    data: dict[str, Any]


def read_event(record: Any, body: Any) -> EventRecord | None:
    """An event in CloudEvents' structured or binary form, or the short one; None for any other.

    Raises TypeError, AttributeError, KeyError for what is none.
    """
    headers = {name[3:]: value.decode() for name, value in record.headers if name.startswith("ce_")}
    fields = cast("dict[str, Any]", body)
    attributes: dict[str, Any] = headers if "type" in headers else fields
    data: dict[str, Any] = fields["data"] if "specversion" in fields and "type" not in headers else fields
    kind = str(attributes["type"]).removeprefix("tasker.")
    if kind not in ANSWERED:
        return None
    return EventRecord(str(attributes.get("id") or _position(record)), kind, _subject(kind, data), data)


def backfilled(data: dict[str, Any]) -> tuple[tuple[int, int] | None, tuple[int, ...] | None]:
    """What a backfill wants to run: the nominal times in [first, last), or its list. Raises ValueError, KeyError."""
    if data.get("times"):
        return None, tuple(sorted({_second(text) for text in data["times"]}))
    return (_second(data["start"]), _second(data["end"])), None


def _subject(kind: str, data: dict[str, Any]) -> str:
    match kind:
        case "put":
            return data["task"]["id"]
        case "calendar":
            return data["calendar"]["name"]
        case "calendar-delete":
            return data["calendar"]
        case "change-set":
            return data["change_set"]["id"]
        case _:
            return data["task_id"]


def _position(record: Any) -> str:
    """The id of an event without one: where it was first appended, before it was forwarded."""
    headers = {name: value.decode() for name, value in record.headers}
    if "tasker_partition" in headers:
        return f"{headers['tasker_partition']}-{headers['tasker_offset']}"
    return f"{record.partition}-{record.offset}"


def _second(text: str) -> int:
    return ceil(datetime.fromisoformat(text).timestamp())
