"""PURE. What one record tells, checked whole before anything of it is written."""

from datetime import datetime
from typing import Literal, NamedTuple

from tasker_core.messages import (
    NULL,
    BackfillEnded,
    Ended,
    Finished,
    Missed,
    Removed,
    RunFinished,
    RunStarted,
    Verdict,
    decode_result,
    decode_verdict,
    decode_watermark,
)
from tasker_core.topics import TopicName
from tasker_log_sink.projection.handlers import handler_document
from tasker_log_sink.projection.instants import instant, optional_instant
from tasker_log_sink.projection.journal import journal_document, missed_document
from tasker_log_sink.projection.runs import ended_document, run_document
from tasker_log_sink.projection.tasks import (
    DefinedVersion,
    DeletedVersion,
    Document,
    NextTime,
    TaskUpdate,
    decode_definition,
)

Source = Literal["verdicts", "results", "watermarks", "handlers"]
SOURCES: tuple[Source, ...] = ("verdicts", "results", "watermarks", "handlers")
MAX_INTEGER = 2**53 - 1


class DecodedRecord(NamedTuple):
    """What one record tells: documents of its own, and facts about its task.

    `task` is written together with the documents. Where a task has come (its `run`, what is `told` to be next, the
    version that has `finished`, 0 for none) may follow behind.
    """

    task_id: str = ""
    task: tuple[TaskUpdate, ...] = ()
    run: Document | None = None
    told: NextTime | None = None
    finished: int = 0
    journal: Document | None = None
    missed: Document | None = None
    watermark: datetime | None = None
    handler: Document | None = None


def read(source: TopicName, value: bytes | None, key: bytes | None = None) -> DecodedRecord:
    """The facts of a record.

    Raises ValueError, for JSON of absurd depth RecursionError, when it is not of the contract.
    """
    if source == "handlers":
        return DecodedRecord(handler=handler_document(key, value))
    if value is None:
        raise ValueError("the record has no value")
    if source == "results":
        return _result(decode_result(value))
    if source == "watermarks":
        return DecodedRecord(watermark=instant(decode_watermark(value).time))
    message = decode_verdict(value)
    if isinstance(message, Verdict):
        return _verdict(message)
    if isinstance(message, Ended):
        _storable(message.generation, message.version, message.attempt)
        return DecodedRecord(message.task_id, run=ended_document(message))
    if isinstance(message, BackfillEnded):
        return DecodedRecord(message.task_id)  # its runs are in the log; the state of backfills is not shown yet
    return _standing(message)


def _result(message: RunStarted | RunFinished) -> DecodedRecord:
    run = run_document(message)
    _storable(message.generation, message.version, message.attempt)
    told = NextTime(message.version, run["effective_at"], optional_instant(message.next_at))
    return DecodedRecord(message.task_id, run=run, told=told)


def _standing(message: Missed | Finished | Removed) -> DecodedRecord:
    task_id, version = message.task_id, message.version
    _storable(message.generation, version)
    if isinstance(message, Missed):
        told = NextTime(version, instant(message.to), optional_instant(message.next_at))
        return DecodedRecord(task_id, told=told, missed=missed_document(message))
    if isinstance(message, Finished):
        return DecodedRecord(task_id, told=NextTime(version, instant(message.last_nominal), None), finished=version)
    return DecodedRecord(task_id, (DeletedVersion(version),))


def _verdict(verdict: Verdict) -> DecodedRecord:
    journal = journal_document(verdict)
    _storable(verdict.generation or 1, verdict.version or 1)
    if verdict.verdict != "accepted":
        return DecodedRecord(verdict.task_id, journal=journal)
    if verdict.event_type == "cancel" and verdict.task == NULL:
        return DecodedRecord(verdict.task_id, journal=journal)  # of runs whose task is gone
    if verdict.version is None or verdict.generation is None or verdict.effective_from is None:
        raise ValueError("an accepted verdict tells version, generation and effective_from")
    since, next_at = instant(verdict.effective_from), optional_instant(verdict.next_at)
    told: TaskUpdate = NextTime(verdict.version, since, next_at)
    if verdict.event_type == "delete":
        return DecodedRecord(verdict.task_id, (told, DeletedVersion(verdict.version)), journal=journal)
    if verdict.task == NULL:
        raise ValueError("an accepted verdict tells the task")
    definition = decode_definition(bytes(verdict.task))
    defined = DefinedVersion(verdict.generation, verdict.version, since, definition, over=next_at is None)
    return DecodedRecord(verdict.task_id, (told, defined), journal=journal)


def _storable(*numbers: int) -> None:
    if min(numbers) <= 0 or max(numbers) > MAX_INTEGER:
        raise ValueError(f"not a positive number of at most 53 bits among {numbers}")
