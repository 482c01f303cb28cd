"""PURE. Collections `calendars`, as they are now, and `calendar_revisions`, what each version defined."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypedDict


def revision_id(name: str, version: int) -> str:
    """The `_id` of a revision: `<name>/<version>`."""
    return f"{name}/{version}"


class CalendarContent(TypedDict):
    """What one version of a calendar defines, as its message states it. `deleted`: that is what it did."""

    name: str
    version: int
    description: str
    days: Sequence[str]
    deleted: bool
    effective_from: datetime
    actor: str | None
    channel: str | None
    """As `event_id` None where nothing says it any more: after a rebuild."""
    note: str | None
    event_id: str | None


class CalendarDocument(CalendarContent):
    """A calendar, `_id` is its name. The greatest version wins; `days` of a deleted one are those that it had.

    `content_version`: the version that defined `days`, which tasks may be under; `created_at`: since when it has been
    there.
    """

    _id: str
    content_version: int
    created_at: datetime
    logged_at: datetime


class CalendarRevisionDocument(CalendarContent):
    """A version of a calendar. `superseded_at`: since when another one stands at the latest; None while it stands.

    That a calendar is deleted does not supersede its last days: tasks may be under them.
    """

    _id: str
    superseded_at: datetime | None
    logged_at: datetime


class CalendarUse(TypedDict):
    """A calendar that a task uses, and the version that it is under."""

    name: str
    version: int


CalendarField = Literal["_id", "deleted", "name", "version", "description", "days", "effective_from", "content_version"]
CalendarRevisionField = Literal["_id", "name", "version", "superseded_at"]
