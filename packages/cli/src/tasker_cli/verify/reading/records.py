"""PURE. The records of the topics, with just the fields that an audit asks for; read without Tasker's own codecs."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from tasker_cli.verify.instants import epoch_second


class DueRecord(msgspec.Struct, gc=False):
    """A record of `due-tasks` or `due-background`; other types than `run` have no more than their type."""

    type: str
    task_id: str
    run_id: str = ""
    generation: int = 0
    kind: str = "scheduled"
    nominal_at: str = ""
    effective_at: str = ""
    attempt: int = 1


class RecordError(msgspec.Struct, gc=False):
    """Why an attempt failed."""

    kind: str
    message: str


class ResultRecord(msgspec.Struct, gc=False):
    """A record of `results`."""

    type: str
    task_id: str
    run_id: str
    nominal_at: str
    received_at: datetime
    effective_at: str = ""
    generation: int = 0
    kind: str = "scheduled"
    attempt: int = 1
    outcome: str = ""
    retry_at: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    error: RecordError | None = None


class VerdictRecord(msgspec.Struct, gc=False):
    """A record of `verdicts`, of any type. `calendar`: what a calendar event defined; in `rescheduled` a name."""

    type: str
    task_id: str
    event_id: str = ""
    event_type: str = ""
    verdict: str = ""
    generation: int | None = None
    version: int | None = None
    effective_from: str | None = None
    removed_at: str | None = None
    task: dict[str, Any] | None = None
    calendars: dict[str, int] = {}
    calendar: Any = None
    run_id: str | None = None
    kind: str = "scheduled"
    nominal_at: str = ""
    outcome: str = ""
    reason: str = ""
    runs: int = 0
    from_: str = msgspec.field(name="from", default="")
    to: str = ""


class GapRecord(msgspec.Struct, gc=False):
    """A range of effective times, (from, to], that the ticker works off, task by task."""

    to: str
    from_: str = msgspec.field(name="from")
    after_task: str = ""


class WatermarkRecord(msgspec.Struct, gc=False):
    """A record of `watermarks`."""

    time: str
    next_offset: int
    turn: int
    catch_up: list[GapRecord] = []


class LoggedRun(NamedTuple):
    """A document of the log's collection `runs`. Instants are naive datetimes in UTC."""

    run_id: str
    task_id: str
    generation: int
    kind: str
    nominal_at: datetime
    effective_at: datetime
    received_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    logged_at: datetime
    state: str
    error: dict[str, Any] | None
    retry_at: datetime | None


decode_due: Final = msgspec.json.Decoder(DueRecord).decode
decode_result: Final = msgspec.json.Decoder(ResultRecord).decode
decode_verdict: Final = msgspec.json.Decoder(VerdictRecord).decode
decode_watermark: Final = msgspec.json.Decoder(WatermarkRecord).decode
decode_json: Final = msgspec.json.Decoder().decode
UNREADABLE: Final = (msgspec.MsgspecError, ValueError, KeyError, TypeError, AttributeError)

Use = Callable[[Any, Any], None]
"""Told a message and the record that it came in. Raises one of UNREADABLE when it makes no sense."""


class Unreadable:
    """Counts the records that are no messages; the first one is named."""

    def __init__(self) -> None:
        self.count, self.first = 0, ""

    def add(self, record: Any, error: Exception) -> None:
        """One more: topic, partition and offset, and what is wrong with it."""
        self.count += 1
        place = f"{record.topic} partition {record.partition} offset {record.offset}"
        self.first = self.first or f"{place}: {type(error).__name__}: {str(error)[:100]}"


class SecondTexts:
    """Epoch seconds of texts; what is due in one second has one text, so most are known already. Raises ValueError."""

    _MOST = 100_000

    def __init__(self) -> None:
        self._known = dict[str, int]()

    def __call__(self, text: str) -> int:
        """The epoch second of an RFC 3339 text. Raises ValueError, for one with a fraction too."""
        found = self._known.get(text)
        if found is None:
            if len(self._known) > self._MOST:
                self._known.clear()
            found = self._known[text] = epoch_second(text)
        return found
