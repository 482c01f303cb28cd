"""Sends task events to Kafka: `pip install tasker-client[kafka]`."""

from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import msgspec
from aiokafka import AIOKafkaProducer

from tasker_core.errors import InvalidInput
from tasker_core.events.task_event import Rejection, parse_event

_SECONDS = 10


class TaskEventProducer:
    """A producer of task events, for `async with`.

    Each method returns the id of its event when Kafka has it; the verdict on it comes in the topic `verdicts` and at
    `GET /api/v1/journal/{event_id}`. To repeat an event with the same id is harmless. They raise InvalidInput for what
    would be rejected whatever stands, and aiokafka's KafkaError when it is unknown whether Kafka has it.

    `security`: for TLS and SASL, the keyword arguments of aiokafka's clients (`security_protocol`, `ssl_context`,
    `sasl_mechanism`, `sasl_plain_username`, `sasl_plain_password`).
    """

    def __init__(
        self, bootstrap_servers: str, *, topic: str = "tasker.task-events", source: str | None = None, **security: Any
    ) -> None:
        self._topic, self._source = topic, source
        self._connection: dict[str, Any] = {"bootstrap_servers": bootstrap_servers, **security}
        self._producer: Any = None

    async def __aenter__(self) -> Self:
        """Connect."""
        # Its partitioner is murmur2, as all of Tasker has it.
        self._producer = AIOKafkaProducer(
            **self._connection,
            acks="all",
            enable_idempotence=True,
            request_timeout_ms=_SECONDS * 1000,
        )
        await self._producer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await self._producer.stop()

    async def put(self, task: Mapping[str, Any], *, if_version: int | None = None, event_id: str | None = None) -> str:
        """Create or replace a task. `if_version`: 0 only creates, n only replaces the version n."""
        return await self._send("put", str(task.get("id", "")), event_id, task=task, if_version=if_version)

    async def delete(self, task_id: str, *, if_version: int | None = None, event_id: str | None = None) -> str:
        """Delete a task."""
        return await self._send("delete", task_id, event_id, task_id=task_id, if_version=if_version)

    async def pause(self, task_id: str, *, event_id: str | None = None) -> str:
        """Let a task fire no more until it is resumed."""
        return await self._send("pause", task_id, event_id, task_id=task_id)

    async def resume(self, task_id: str, *, event_id: str | None = None) -> str:
        """Let a task fire again."""
        return await self._send("resume", task_id, event_id, task_id=task_id)

    async def trigger(self, task_id: str, *, event_id: str | None = None, **payload: Any) -> str:
        """Run a task now; `payload=…` stands in for the task's own. Repeated with the same id, it runs once."""
        return await self._send("trigger", task_id, event_id, task_id=task_id, **payload)

    async def cancel(self, task_id: str, run_id: str | None = None, *, event_id: str | None = None) -> str:
        """Cancel one run, or all unfinished ones of a task."""
        return await self._send("cancel", task_id, event_id, task_id=task_id, run_id=run_id)

    async def backfill(
        self, task_id: str, start: datetime, end: datetime, *, rate: int | None = None, event_id: str | None = None
    ) -> str:
        """Run the nominal times from `start` (inclusive) to `end` (exclusive), both aware, `rate` of them a minute."""
        times = {"start": start.isoformat(), "end": end.isoformat()}
        return await self._send("backfill", task_id, event_id, task_id=task_id, rate=rate, **times)

    async def _send(self, kind: str, of: str, event_id: str | None, **data: Any) -> str:
        event_id = event_id or uuid4().hex
        about = {"type": kind, "id": event_id, "source": self._source}
        optional = ("source", "if_version", "run_id", "rate")
        event = {name: v for name, v in (about | data).items() if v is not None or name not in optional}
        value, key = msgspec.json.encode(event), of.encode()
        checked = parse_event(value, [], key, lambda _handler, _payload: [])  # what is announced is not known here
        if isinstance(checked, Rejection):
            raise InvalidInput(checked.errors)
        await self._producer.send_and_wait(self._topic, value, key=key)
        return event_id
