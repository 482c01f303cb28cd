"""PURE. The value of one record → what it says, checked whole before anything of it is written."""

from datetime import timedelta
from typing import Final, Literal

from tasker_core.documents.runs import RunContent
from tasker_core.messages.base import NULL
from tasker_core.messages.runs import RunFinished, RunStarted, decode_result
from tasker_core.messages.verdicts import (
    CALENDAR_EVENTS,
    BackfillEnded,
    Ended,
    Finished,
    Missed,
    Removed,
    Rescheduled,
    Verdict,
    decode_verdict,
)
from tasker_core.messages.watermark import decode_watermark
from tasker_core.schedules.kinds.manual import is_manual
from tasker_core.statistics.first_attempt import first_attempt
from tasker_core.time.instant import from_ms, to_ms
from tasker_core.time.zones import BEGIN_OF_TIME, END_OF_TIME
from tasker_core.topics import TopicName
from tasker_log_sink.projection.bson_instants import instant, optional_instant
from tasker_log_sink.projection.calendars import decided_calendar, standing_calendar
from tasker_log_sink.projection.change_sets import stated_change_set
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_log_sink.projection.handlers import handler_document
from tasker_log_sink.projection.journal import journal_document
from tasker_log_sink.projection.missed_occurrences import missed_document
from tasker_log_sink.projection.revisions.revision_content import (
    CHANGES,
    report_of_finish,
    report_of_handover,
    report_of_removal,
    report_of_verdict,
)
from tasker_log_sink.projection.runs import ended_run_document, run_document
from tasker_log_sink.projection.tasks.task_definition import decode_defined_task, definition_fields
from tasker_log_sink.projection.tasks.task_updates import (
    CalendarVersionInUse,
    DefinedVersion,
    DeletedVersion,
    FinishedVersion,
    NextTime,
)
from tasker_log_sink.projection.watermarks import watermark_fields

Source = Literal["verdicts", "results", "watermarks", "handlers"]
SOURCES: Final[tuple[Source, ...]] = ("verdicts", "results", "watermarks", "handlers")
MAX_INTEGER: Final = 2**53 - 1
_OF_NO_OCCURRENCE: Final = from_ms(0)
"""What is asked for by hand, or started by another task, tells nothing of the occurrences before it: they are emitted,
but whoever looks for what is late must find those of which no executor has told anything."""
_FIRST_RUN, _LAST_RUN = from_ms(BEGIN_OF_TIME * 1000), from_ms(END_OF_TIME * 1000)


def decode_record(
    source: TopicName,
    value: bytes | None,
    key: bytes | None = None,
    partition: int = 0,
    offset: int = 0,
    timestamp: int = 0,
) -> DecodedRecord:
    """What a record of a topic says, which is at an offset of a partition and was appended at epoch milliseconds.

    Raises ValueError, for JSON of absurd depth RecursionError, when it is not of the contract.
    """
    if source == "handlers":
        return DecodedRecord(handler=handler_document(key, value))
    if source == "calendars":  # read by a rebuild; else the verdicts say it, and more
        return DecodedRecord() if value is None else DecodedRecord(calendar=standing_calendar(value))
    if value is None:
        raise ValueError("the record has no value")
    if source == "results":
        return _decoded_result(decode_result(value), partition)
    if source == "watermarks":
        return DecodedRecord(watermark=watermark_fields(decode_watermark(value)))
    message = decode_verdict(value)
    if isinstance(message, Verdict):
        return _decoded_verdict(message, offset)
    if isinstance(message, Ended):
        _check_storable(message.generation, message.version, message.attempt)
        return DecodedRecord(message.task_id, run=_checked(ended_run_document(message)), partition=partition)
    if isinstance(message, Rescheduled):
        return _decoded_handover(message, offset)
    if isinstance(message, BackfillEnded):
        return DecodedRecord(message.task_id)  # its runs are in the log; the state of backfills is not shown yet
    return _decoded_notice(message, partition, offset, timestamp)


def _decoded_result(message: RunStarted | RunFinished, partition: int) -> DecodedRecord:
    run = _checked(run_document(message))
    _check_storable(message.generation, message.version, message.attempt)
    if message.kind == "alert":
        return DecodedRecord(message.task_id, run=run)
    effective_at = run["effective_at"] if message.kind == "scheduled" else _OF_NO_OCCURRENCE
    next_time = NextTime(message.version, effective_at, optional_instant(message.next_at))
    promised = first_attempt(run, partition)
    return DecodedRecord(message.task_id, run=run, next_time=next_time, first_attempt=promised, partition=partition)


def _decoded_notice(message: Missed | Finished | Removed, partition: int, offset: int, timestamp: int) -> DecodedRecord:
    task_id, version = message.task_id, message.version
    _check_storable(message.generation, version)
    if isinstance(message, Missed):
        next_time = NextTime(version, instant(message.to), optional_instant(message.next_at))
        return DecodedRecord(task_id, next_time=next_time, missed=missed_document(message), partition=partition)
    if isinstance(message, Finished):
        history, last_nominal = report_of_finish(message, offset), to_ms(instant(message.last_nominal))
        return DecodedRecord(task_id, finished=FinishedVersion(version, last_nominal), revisions=history)
    history = report_of_removal(message, offset, from_ms(timestamp))
    return DecodedRecord(task_id, (DeletedVersion(version),), revisions=history)


def _decoded_handover(message: Rescheduled, offset: int) -> DecodedRecord:
    _check_storable(message.generation, message.version, message.calendar_version)
    # What ran in the same second was the last under the earlier days, whichever report comes first.
    later = instant(message.effective_from) + timedelta(milliseconds=1)
    next_time = NextTime(message.version, later, optional_instant(message.next_at))
    under = CalendarVersionInUse(message.version, message.calendar, message.calendar_version)
    paused = decode_defined_task(bytes(message.task)).paused
    return DecodedRecord(
        message.task_id, (next_time, under), revisions=report_of_handover(message, offset, paused=paused)
    )


def _decoded_verdict(verdict: Verdict, offset: int) -> DecodedRecord:
    journal, trace = journal_document(verdict), verdict.traceparent
    _check_storable(verdict.generation or 1, verdict.version or 1)
    if verdict.verdict != "accepted":
        return DecodedRecord(verdict.task_id, journal=journal, traceparent=trace)
    if verdict.event_type in CALENDAR_EVENTS:
        return DecodedRecord(verdict.task_id, journal=journal, traceparent=trace, calendar=decided_calendar(verdict))
    if verdict.event_type == "change-set":
        return DecodedRecord(verdict.task_id, journal=journal, traceparent=trace, change_set=stated_change_set(verdict))
    if verdict.event_type in ("cancel", "retry") and verdict.task == NULL:  # of a deleted task's runs, or of alerts
        return DecodedRecord(verdict.task_id, journal=journal, traceparent=trace)
    if verdict.version is None or verdict.generation is None or verdict.effective_from is None:
        raise ValueError("an accepted verdict has version, generation and effective_from")
    since, next_at = instant(verdict.effective_from), optional_instant(verdict.next_at)
    next_time = NextTime(verdict.version, since if verdict.event_type in CHANGES else _OF_NO_OCCURRENCE, next_at)
    if verdict.event_type == "delete":
        deleted = (next_time, DeletedVersion(verdict.version))
        gone = report_of_verdict(verdict, offset, paused=False)
        return DecodedRecord(verdict.task_id, deleted, journal=journal, revisions=gone, traceparent=trace)
    if verdict.task == NULL:
        raise ValueError("an accepted verdict has the task")
    task = decode_defined_task(bytes(verdict.task))
    definition = definition_fields(task, since)
    # Calendars may bring occurrences again; of a task that is over in spite of that, `finished` says it. So it does of
    # one that an earlier version has left nothing, and which was the last: that may still be awaited.
    is_over = (
        next_at is None
        and verdict.event_type in CHANGES
        and not is_manual(bytes(task.schedule))
        and not verdict.calendars
    )
    defined = DefinedVersion(
        verdict.generation,
        verdict.version,
        since,
        definition,
        is_paused=task.paused,
        is_over=is_over,
        calendars=verdict.calendars,
    )
    history = report_of_verdict(verdict, offset, paused=task.paused)
    return DecodedRecord(verdict.task_id, (next_time, defined), journal=journal, revisions=history, traceparent=trace)


def _checked(run: RunContent) -> RunContent:
    """Raises ValueError for a time at which no task can be due: runs are ordered by it, within 64 bits."""
    if not _FIRST_RUN <= run["effective_at"] <= _LAST_RUN:
        raise ValueError(f"effective_at {run['effective_at']} is not between {_FIRST_RUN} and {_LAST_RUN}")
    return run


def _check_storable(*numbers: int) -> None:
    if min(numbers) <= 0 or max(numbers) > MAX_INTEGER:
        raise ValueError(f"not a positive number of at most 53 bits among {numbers}")
