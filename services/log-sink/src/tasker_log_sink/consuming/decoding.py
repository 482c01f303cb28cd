"""PURE. The value of one record → what it says, checked whole before anything of it is written."""

from typing import Final, Literal

from tasker_core.messages.base import NULL
from tasker_core.messages.runs import RunFinished, RunStarted, decode_result
from tasker_core.messages.verdicts import BackfillEnded, Ended, Finished, Missed, Removed, Verdict, decode_verdict
from tasker_core.messages.watermark import decode_watermark
from tasker_core.schedules.kinds.manual import is_manual
from tasker_core.topics import TopicName
from tasker_log_sink.projection.bson_instants import instant, optional_instant
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_log_sink.projection.handlers import handler_document
from tasker_log_sink.projection.journal import journal_document
from tasker_log_sink.projection.missed_occurrences import missed_document
from tasker_log_sink.projection.runs import ended_run_document, run_document
from tasker_log_sink.projection.tasks.task_definition import decode_defined_task, definition_fields
from tasker_log_sink.projection.tasks.task_updates import DefinedVersion, DeletedVersion, NextTime

Source = Literal["verdicts", "results", "watermarks", "handlers"]
SOURCES: Final[tuple[Source, ...]] = ("verdicts", "results", "watermarks", "handlers")
MAX_INTEGER: Final = 2**53 - 1


def decode_record(source: TopicName, value: bytes | None, key: bytes | None = None) -> DecodedRecord:
    """What a record of a topic says.

    Raises ValueError, for JSON of absurd depth RecursionError, when it is not of the contract.
    """
    if source == "handlers":
        return DecodedRecord(handler=handler_document(key, value))
    if value is None:
        raise ValueError("the record has no value")
    if source == "results":
        return _decoded_result(decode_result(value))
    if source == "watermarks":
        return DecodedRecord(watermark=instant(decode_watermark(value).time))
    message = decode_verdict(value)
    if isinstance(message, Verdict):
        return _decoded_verdict(message)
    if isinstance(message, Ended):
        _check_storable(message.generation, message.version, message.attempt)
        return DecodedRecord(message.task_id, run=ended_run_document(message))
    if isinstance(message, BackfillEnded):
        return DecodedRecord(message.task_id)  # its runs are in the log; the state of backfills is not shown yet
    return _decoded_notice(message)


def _decoded_result(message: RunStarted | RunFinished) -> DecodedRecord:
    run = run_document(message)
    _check_storable(message.generation, message.version, message.attempt)
    next_time = NextTime(message.version, run["effective_at"], optional_instant(message.next_at))
    return DecodedRecord(message.task_id, run=run, next_time=next_time)


def _decoded_notice(message: Missed | Finished | Removed) -> DecodedRecord:
    task_id, version = message.task_id, message.version
    _check_storable(message.generation, version)
    if isinstance(message, Missed):
        next_time = NextTime(version, instant(message.to), optional_instant(message.next_at))
        return DecodedRecord(task_id, next_time=next_time, missed=missed_document(message))
    if isinstance(message, Finished):
        next_time = NextTime(version, instant(message.last_nominal), None)
        return DecodedRecord(task_id, next_time=next_time, finished_version=version)
    return DecodedRecord(task_id, (DeletedVersion(version),))


def _decoded_verdict(verdict: Verdict) -> DecodedRecord:
    journal, trace = journal_document(verdict), verdict.traceparent
    _check_storable(verdict.generation or 1, verdict.version or 1)
    if verdict.verdict != "accepted":
        return DecodedRecord(verdict.task_id, journal=journal, traceparent=trace)
    if verdict.event_type == "cancel" and verdict.task == NULL:
        return DecodedRecord(verdict.task_id, journal=journal, traceparent=trace)  # of runs whose task was deleted
    if verdict.version is None or verdict.generation is None or verdict.effective_from is None:
        raise ValueError("an accepted verdict has version, generation and effective_from")
    since, next_at = instant(verdict.effective_from), optional_instant(verdict.next_at)
    next_time = NextTime(verdict.version, since, next_at)
    if verdict.event_type == "delete":
        deleted = (next_time, DeletedVersion(verdict.version))
        return DecodedRecord(verdict.task_id, deleted, journal=journal, traceparent=trace)
    if verdict.task == NULL:
        raise ValueError("an accepted verdict has the task")
    task = decode_defined_task(bytes(verdict.task))
    definition = definition_fields(task)
    is_over = next_at is None and not is_manual(bytes(task.schedule))
    defined = DefinedVersion(
        verdict.generation, verdict.version, since, definition, is_paused=task.paused, is_over=is_over
    )
    return DecodedRecord(verdict.task_id, (next_time, defined), journal=journal, traceparent=trace)


def _check_storable(*numbers: int) -> None:
    if min(numbers) <= 0 or max(numbers) > MAX_INTEGER:
        raise ValueError(f"not a positive number of at most 53 bits among {numbers}")
