"""Decodes `task-events`: events of other partitions are forwarded, those that name no task become dead letters."""

from contextlib import suppress
from dataclasses import replace
from typing import Final, Protocol

from tasker_core.errors import FieldError
from tasker_core.events.event_origin import EventOrigin
from tasker_core.events.forwarded_event import AppendPosition, forwarded_headers, origin_of
from tasker_core.events.task_event import ChangeEvent, Rejection, TaskEvent, parse_event
from tasker_core.kafka_record import Record
from tasker_core.task import Task
from tasker_core.topics import partition_of
from tasker_core.trace_context import HEADER, parse_traceparent
from tasker_runtime.dead_letter_producer import DeadLetterProducer
from tasker_runtime.handler_registry_reader import HandlerValidator
from tasker_runtime.kafka.client import TOO_LARGE
from tasker_runtime.kafka.record_sender import RecordSender
from tasker_runtime.logs import Log
from tasker_ticker.scheduling.memory.calendar_table import AllCalendars
from tasker_ticker.scheduling.scheduler_inputs import IncomingEvent

_NO_ORIGIN: Final = EventOrigin(event_id=None, event_type="", task_id="", actor=None, channel="kafka")


class ChainFollower(Protocol):
    """Follows what the owners of all partitions write of chains."""

    async def refresh(self) -> bool:
        """Read on to where that ends now, within a bound; whether that was possible."""
        ...


class CalendarFollower(AllCalendars, Protocol):
    """Follows the calendars that the owners of all partitions write."""

    async def refresh(self) -> bool:
        """Read on to where they end now, within a bound; whether that was possible."""
        ...


class EventDecoder:
    """Decodes the events of every partition. `handlers` knows what can run, `chains` and `calendars` follow theirs."""

    def __init__(
        self,
        partitions: int,
        handlers: HandlerValidator,
        chains: ChainFollower,
        calendars: CalendarFollower,
        forwarder: RecordSender,
        dead_letters: DeadLetterProducer,
        log: Log,
    ) -> None:
        self._partitions, self._handlers, self._chains, self._log = partitions, handlers, chains, log
        self._calendars = calendars
        self._forwarder, self._dead_letters = forwarder, dead_letters

    async def decode(self, record: Record) -> IncomingEvent:
        """An event as it was read. Raises KafkaError or KafkaTimeout when it could not be forwarded or kept."""
        appended, origin = _position(record), origin_of(record.headers)
        if origin is not None:  # anybody can write these headers: nothing was appended first after it was found
            appended = origin._replace(ms=min(origin.ms, appended.ms))
        content = await self._parse(record)
        if isinstance(content, Rejection) and content.dead_letter is not None:
            return await self._rejected(record, content, content.dead_letter)
        task_id = content.origin.task_id
        home = partition_of(task_id, self._partitions)
        if home != record.partition:
            headers, key = forwarded_headers(record.headers, appended), record.key or task_id.encode()
            try:
                await self._forwarder.send(record.topic, record.value, key=key, partition=home, headers=headers)
            except TOO_LARGE:  # here it may have been compressed
                rejection = Rejection(content.origin, [FieldError(pointer="", message=_too_large(record, home))])
                return await self._rejected(record, rejection, _too_large(record, home))
        elif isinstance(content, ChangeEvent) and content.task is not None:
            await self._read_on(content.task)
        return IncomingEvent(record.offset, appended, content, forwarded=origin is not None)

    async def give_up(self, record: Record, failure: str, *, answered: bool) -> IncomingEvent:
        """Reject an event on which owners have failed; unless it is to be `answered`, whoever has sent it.

        Raises KafkaError or KafkaTimeout when it could not be kept.
        """
        origin = _NO_ORIGIN
        with suppress(Exception):  # what has failed may be to read it
            origin = parse_event(record.value, record.headers, record.key).origin if answered else origin
        error = FieldError(pointer="", message=f"Tasker has failed on it, and nothing was changed: {failure}")
        return await self._rejected(record, Rejection(origin, [error]), failure)

    async def _rejected(self, record: Record, content: Rejection, reason: str) -> IncomingEvent:
        """An event that is rejected where it is, and a dead letter."""
        await self._dead_letters.publish(record, reason)
        about = {"partition": record.partition, "offset": record.offset, "trace_id": _trace_id(record)}
        self._log.warning("dead letter", topic=record.topic, **about, reason=reason)
        return IncomingEvent(record.offset, _position(record), replace(content, dead_letter=reason))

    async def _read_on(self, task: Task) -> None:
        """Read what tasks were answered just before, where that may count for this one."""
        if task.then:
            await self._chains.refresh()  # a circle is seen, whichever of its tasks was answered just before
        if any(self._calendars.find_calendar(name) is None for name in task.schedule.calendar_names):
            await self._calendars.refresh()  # whoever creates a calendar, and then a task for it, is never refused

    async def _parse(self, record: Record) -> TaskEvent | Rejection:
        """What an event says.

        Before one is rejected for its handler or payload, the announcements so far are read: whoever announces a
        handler and then sends a task for it never gets the answer that there is no such handler.
        """
        handlers = self._handlers
        content = parse_event(record.value, record.headers, record.key, handlers.errors)
        doubtful = isinstance(content, Rejection) and any(_about_the_handler(error) for error in content.errors)
        if doubtful and await handlers.refresh():
            return parse_event(record.value, record.headers, record.key, handlers.errors)
        return content


def _position(record: Record) -> AppendPosition:
    return AppendPosition(record.timestamp, record.partition, record.offset)


def _too_large(record: Record, home: int) -> str:
    size, here = len(record.value or b""), record.partition
    return (
        f"has {size} bytes, too many to be sent on from partition {here} to that of its task, {home}: send it there, "
        "by the murmur2 of the task id, or send less"
    )


def _trace_id(record: Record) -> str | None:
    text = next((value.decode(errors="replace") for name, value in record.headers if name == HEADER), "")
    trace = parse_traceparent(text)
    return None if trace is None else trace.trace_hex


def _about_the_handler(error: FieldError) -> bool:
    return error.pointer == "/handler" or error.pointer.startswith("/payload")
