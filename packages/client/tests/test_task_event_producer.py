"""The producer of task events, on the real broker: what it sends is what the ticker reads."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from aiokafka import AIOKafkaConsumer

from tasker.task_event_producer import TaskEventProducer
from tasker_core.errors import InvalidInput
from tasker_core.events.task_event import Rejection, parse_event
from tasker_core.messages.runs import RunError, decode_run
from tasker_core.messages.verdicts import EventType

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
RUN_ID = "5a4e2c201a775b562c9d3f1e7c4c5f00"
RUN = decode_run(
    b'{"type": "run", "run_id": "5a4e2c201a775b562c9d3f1e7c4c5f00", "task_id": "a", "task_name": "A", "generation": 1,'
    b' "version": 2, "nominal_at": "2026-01-01T12:00:00.000Z", "effective_at": "2026-01-01T12:00:00.000Z",'
    b' "emitted_at": "2026-01-01T12:00:00.000Z", "payload": {"n": 1.50}}'
)
INSTANT = "2026-01-01T12:00:00.000Z"
SENT: dict[str, Callable[[TaskEventProducer], Awaitable[str]]] = {
    "put": lambda events: events.put({"id": "a", "schedule": {"every": "PT1M"}}, if_version=0, note="new"),
    "delete": lambda events: events.delete("a", note="over"),
    "pause": lambda events: events.pause("a", if_version=3, note="lunch"),
    "resume": lambda events: events.resume("a"),
    "trigger": lambda events: events.trigger("a", payload=None, note="now"),
    "cancel": lambda events: events.cancel("a", RUN_ID),
    "backfill": lambda events: events.backfill("a", times=[AT], rate=60),
    "calendar": lambda events: events.calendar({"name": "closed", "days": ["2026-12-25"]}),
    "calendar-delete": lambda events: events.delete_calendar("closed"),
    "report": lambda events: events.report("a", RUN_ID, 2, outcome="failed", error="disk full"),
    "retry": lambda events: events.retry(RUN, AT),
    "outcome": lambda events: events.outcome(RUN, "failed", RunError("timeout", "no answer")),
    "chain": lambda events: events.chain(RUN, "succeeded", "b"),
    "wait": lambda events: events.wait(RUN, AT, received_at=INSTANT, started_at=INSTANT),
}
NOT_FOR_PRODUCERS = {"change-set"}
"""What the API tells of its bulk actions."""


async def test_each_type_of_event_arrives_as_the_ticker_reads_it(kafka: str, topics: str) -> None:
    assert set(SENT) == set(get_args(EventType)) - NOT_FOR_PRODUCERS
    topic = f"{topics}.task-events"
    async with TaskEventProducer(kafka, topic=topic, actor="ann") as events:
        ids = {await send(events): kind for kind, send in SENT.items()}
    consumer: Any = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest", group_id=None)
    await consumer.start()
    try:
        read: dict[str | None, Any] = {}
        while len(read) < len(ids):
            record = await consumer.getone()
            event = parse_event(record.value, record.headers, record.key)
            assert not isinstance(event, Rejection), event
            read[event.origin.event_id] = event
            if event.origin.event_type in ("retry", "wait"):
                assert b'"payload":{"n": 1.50}' in record.value  # byte for byte as it was
    finally:
        await consumer.stop()
    assert {event_id: event.origin.event_type for event_id, event in read.items()} == ids
    assert {event.origin.actor for event in read.values()} == {"ann"}


async def test_what_would_be_rejected_is_not_sent(kafka: str, topics: str) -> None:
    async with TaskEventProducer(kafka, topic=f"{topics}.task-events") as events:
        with pytest.raises(InvalidInput) as caught:
            await events.backfill("a", AT, AT)
    assert [error.message for error in caught.value.errors] == ["the end must be later than the start"]
