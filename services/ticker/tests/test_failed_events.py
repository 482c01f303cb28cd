"""An owner that fails on an event, for a reason that nobody foresaw: its partition goes on with all others."""

import asyncio
import weakref
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any
from unittest import mock

import pytest

from tasker_core.events.task_event import ChangeEvent, Rejection, TaskEvent, parse_event
from tasker_devstack.polling import eventually
from tasker_ticker.kafka import event_decoder
from tasker_ticker.kafka.failed_events import FailedEvents
from tasker_ticker.partition import PartitionOwner
from tasker_ticker.scheduling.events import task_events
from tasker_ticker.scheduling.events.event_context import EventContext
from tasker_ticker.scheduling.events.event_dispatch import EventFailed
from tasker_ticker.testing.memory_kafka import MemoryKafka

BAD = "bad"
put, answer = task_events.put, EventContext.answer


def fail_to_apply(context: EventContext, event: ChangeEvent) -> None:
    if context.event_id == BAD:
        raise ZeroDivisionError
    put(context, event)


def fail_to_answer(context: EventContext, *what: Any, **more: Any) -> None:
    if context.event_id == BAD:
        raise ZeroDivisionError
    answer(context, *what, **more)


def fail_to_read(value: bytes | None, *rest: Any) -> TaskEvent | Rejection:
    if BAD.encode() in (value or b""):
        raise ZeroDivisionError
    return parse_event(value, *rest)


@asynccontextmanager
async def owned(kafka: MemoryKafka) -> AsyncGenerator[PartitionOwner]:
    """The partition has an owner, for the length of the context."""
    owner = PartitionOwner(0, kafka.context())
    running = asyncio.create_task(owner.run())
    try:
        yield owner
    finally:
        owner.stop()
        await running


def events_around_a_bad_one() -> MemoryKafka:
    kafka = MemoryKafka()
    for name in ("first", BAD, "last"):
        kafka.send_event(type="put", id=name, task={"id": name, "schedule": {"every": "PT1H"}})
    return kafka


def as_answered(kafka: MemoryKafka, events: int) -> Callable[[], Any]:
    async def answered() -> list[tuple[str, str]] | None:
        found = [(verdict["event_id"], verdict["verdict"]) for verdict in kafka.verdicts()]
        return found if len(found) >= events else None

    return answered


@pytest.mark.parametrize(
    ("where", "name", "failing", "answered_as", "failures"),
    [
        (task_events, "put", fail_to_apply, BAD, 2),
        (EventContext, "answer", fail_to_answer, "0-1", 3),
        (event_decoder, "parse_event", fail_to_read, "0-1", 2),
    ],
)
async def test_it_is_rejected_and_all_others_are_decided(
    where: Any, name: str, failing: Callable[..., Any], answered_as: str, failures: int
) -> None:
    kafka = events_around_a_bad_one()
    with mock.patch.object(where, name, failing):
        async with owned(kafka):
            found = await eventually(as_answered(kafka, 3), "all events answered")
            kafka.send_event(type="put", id="later", task={"id": "later", "schedule": {"every": "PT1H"}})
            (*_, later) = await eventually(as_answered(kafka, 4), "a later one")
            assert kafka.health.checks["partition-0"].good
    assert [*found, later] == [
        ("first", "accepted"),
        (answered_as, "rejected"),
        ("last", "accepted"),
        ("later", "accepted"),
    ]
    (error,) = kafka.verdicts()[1]["errors"]
    assert "ZeroDivisionError" in error["message"]
    assert b'"bad"' in (kafka.logs["dead-letters"][0].value or b"")
    told = [fields["exc_info"] for level, _, fields in kafka.log.lines if level == "error"]
    assert [type(error.__cause__) for error in told] == [ZeroDivisionError] * failures


async def test_one_that_was_not_to_blame_is_applied_by_the_next_owner() -> None:
    kafka, failed = events_around_a_bad_one(), list[str]()

    def fail_once(context: EventContext, event: ChangeEvent) -> None:
        if context.event_id == BAD and not failed:
            failed.append(BAD)
            raise MemoryError
        put(context, event)

    with mock.patch.object(task_events, "put", fail_once):
        async with owned(kafka):
            found = await eventually(as_answered(kafka, 3), "all events answered")
    assert found == [("first", "accepted"), (BAD, "accepted"), ("last", "accepted")]
    assert not kafka.logs["dead-letters"]


def test_what_is_remembered_of_a_failure_holds_nothing_of_its_owner() -> None:
    failed, failure = FailedEvents(MemoryKafka().decoder), EventFailed(3, ZeroDivisionError())
    held = weakref.ref(failure)
    failed.note(failure)
    del failure
    assert held() is None


async def test_an_owner_that_fails_for_any_other_reason_ends_no_process() -> None:
    kafka = events_around_a_bad_one()
    with mock.patch.object(kafka, "reader", side_effect=ZeroDivisionError):
        async with owned(kafka):

            async def told() -> bool:
                return kafka.log.fields_of("owner discarded") != []

            await eventually(told, "the owner discarded")
            assert not kafka.health.checks["partition-0"].good
    assert kafka.verdicts() == []
