"""What everyone has to know of calendars (calendars)."""

import msgspec

from tasker_core.messages.base import Message


class CalendarDefined(Message, frozen=True, kw_only=True, tag="calendar"):
    """A calendar as it stands (calendars; its key is the name, a null value: it is deleted).

    `days`: dates and closed ranges of dates, ascending. It holds from `effective_from` on, and reaches the tasks that
    use it when their partition has read it: `rescheduled` tells of each.
    """

    name: str
    version: int
    description: str = ""
    days: tuple[str, ...] = ()
    effective_from: str


decode_calendar = msgspec.json.Decoder(CalendarDefined).decode
