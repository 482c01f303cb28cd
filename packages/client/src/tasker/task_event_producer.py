"""Sends task events to Kafka: `pip install tasker-client[kafka]`."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, Self
from uuid import uuid4

import msgspec
from aiokafka import AIOKafkaProducer

from tasker_core.errors import InvalidInput
from tasker_core.events.task_event import Rejection, parse_event
from tasker_core.messages.runs import Run, RunError

_SECONDS = 10


class TaskEventProducer:
    """A producer of task events, for `async with`.

    There is a method for each type of events; the last four are for executors of your own (docs/wire-contract.md).
    Each returns the id of its event when Kafka has it; the verdict on it comes in the topic `verdicts` and at
    `GET /api/v1/journal/{event_id}`. To repeat an event with the same id is harmless. They raise InvalidInput for what
    would be rejected whatever stands, and aiokafka's KafkaError when it is unknown whether Kafka has it.

    `actor` (else `source`, by which CloudEvents name their producer) is who wants it, for the history.
    `security`: for TLS and SASL, the keyword arguments of aiokafka's clients (`security_protocol`, `ssl_context`,
    `sasl_mechanism`, `sasl_plain_username`, `sasl_plain_password`).
    """

    def __init__(
        self,
        bootstrap_servers: str,
        *,
        topic: str = "tasker.task-events",
        source: str | None = None,
        actor: str | None = None,
        **security: Any,
    ) -> None:
        self._topic, self._about = topic, {"source": source, "actor": actor}
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

    async def put(
        self,
        task: Mapping[str, Any],
        *,
        if_version: int | None = None,
        note: str | None = None,
        event_id: str | None = None,
    ) -> str:
        """Create or replace a task. `if_version`: 0 only creates, n only replaces the version n."""
        return await self._send("put", str(task.get("id", "")), event_id, task=task, if_version=if_version, note=note)

    async def delete(
        self, task_id: str, *, if_version: int | None = None, note: str | None = None, event_id: str | None = None
    ) -> str:
        """Delete a task."""
        return await self._change("delete", task_id, if_version, note, event_id)

    async def pause(
        self, task_id: str, *, if_version: int | None = None, note: str | None = None, event_id: str | None = None
    ) -> str:
        """Let a task fire no more until it is resumed."""
        return await self._change("pause", task_id, if_version, note, event_id)

    async def resume(
        self, task_id: str, *, if_version: int | None = None, note: str | None = None, event_id: str | None = None
    ) -> str:
        """Let a task fire again."""
        return await self._change("resume", task_id, if_version, note, event_id)

    async def trigger(
        self, task_id: str, *, note: str | None = None, event_id: str | None = None, **payload: Any
    ) -> str:
        """Run a task now; `payload=…` stands in for the task's own. Repeated with the same id, it runs once."""
        return await self._send("trigger", task_id, event_id, task_id=task_id, note=note, **payload)

    async def cancel(self, task_id: str, run_id: str | None = None, *, event_id: str | None = None) -> str:
        """Cancel one run, or all unfinished ones of a task."""
        return await self._send("cancel", task_id, event_id, task_id=task_id, run_id=run_id)

    async def backfill(
        self,
        task_id: str,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        times: Iterable[datetime] | None = None,
        rate: int | None = None,
        event_id: str | None = None,
    ) -> str:
        """Run nominal times, all aware: from `start` (inclusive) to `end` (exclusive), or up to 1,000 listed `times`.

        `rate`: so many of them a minute.
        """
        listed = None if times is None else [time.isoformat() for time in times]
        bounds = {"start": start and start.isoformat(), "end": end and end.isoformat()}
        return await self._send("backfill", task_id, event_id, task_id=task_id, rate=rate, times=listed, **bounds)

    async def calendar(
        self,
        calendar: Mapping[str, Any],
        *,
        if_version: int | None = None,
        note: str | None = None,
        event_id: str | None = None,
    ) -> str:
        """Create or replace a calendar; the tasks that use it follow."""
        name = str(calendar.get("name", ""))
        return await self._send("calendar", name, event_id, calendar=calendar, if_version=if_version, note=note)

    async def delete_calendar(
        self, name: str, *, if_version: int | None = None, note: str | None = None, event_id: str | None = None
    ) -> str:
        """Delete a calendar; tasks that use it keep its days."""
        return await self._send("calendar-delete", name, event_id, calendar=name, if_version=if_version, note=note)

    async def report(
        self,
        task_id: str,
        run_id: str,
        attempt: int = 1,
        *,
        outcome: Literal["succeeded", "failed"] = "succeeded",
        result: Any = None,
        error: str | None = None,
        event_id: str | None = None,
    ) -> str:
        """How an attempt has ended that waits for it."""
        about = {"task_id": task_id, "run_id": run_id, "attempt": attempt, "outcome": outcome}
        why = None if error is None else {"message": error}
        return await self._send("report", task_id, event_id, **about, result=result, error=why)

    async def retry(self, run: Run, retry_at: datetime, *, event_id: str | None = None) -> str:
        """From executors: the next attempt of a run that has failed, due then. Send its result behind this."""
        of_it = event_id or f"retry-{run.run_id}-{run.attempt + 1}"
        return await self._send(
            "retry", run.task_id, of_it, run=run, attempt=run.attempt + 1, retry_at=retry_at.isoformat()
        )

    async def outcome(
        self,
        run: Run,
        outcome: Literal["succeeded", "failed", "cancelled", "skipped"],
        error: RunError | None = None,
        *,
        event_id: str | None = None,
    ) -> str:
        """From executors: how a run has ended for good, where its policy asks for that. Send its result behind this."""
        about = {"run_id": run.run_id, "generation": run.generation, "version": run.version}
        about |= {"task_id": run.task_id, "effective_at": run.effective_at, "outcome": outcome, "error": error}
        return await self._send("outcome", run.task_id, event_id or f"outcome/{run.run_id}", **about)

    async def chain(
        self,
        run: Run,
        outcome: Literal["succeeded", "failed"],
        task_id: str,
        *,
        lane: Literal["live", "background"] = "live",
        event_id: str | None = None,
    ) -> str:
        """From executors: start a task that follows (`run.policy.then`). Send this behind the result of the run."""
        after = {"task_id": run.task_id, "run_id": run.run_id, "nominal_at": run.nominal_at, "outcome": outcome}
        of_it = event_id or f"chain-{run.run_id}-{task_id}"
        chain = [*run.chain, run.task_id]
        return await self._send("chain", task_id, of_it, task_id=task_id, after=after, chain=chain, lane=lane)

    async def wait(
        self,
        run: Run,
        until: datetime,
        *,
        received_at: str,
        started_at: str,
        lane: Literal["live", "background"] = "live",
        event_id: str | None = None,
    ) -> str:
        """From executors: the attempt goes on elsewhere; somebody reports its end, at the latest `until`."""
        of_it = event_id or f"wait-{run.run_id}-{run.attempt}"
        times = {"until": until.isoformat(), "received_at": received_at, "started_at": started_at}
        return await self._send("wait", run.task_id, of_it, run=run, lane=lane, **times)

    async def _change(
        self, kind: str, task_id: str, if_version: int | None, note: str | None, event_id: str | None
    ) -> str:
        return await self._send(kind, task_id, event_id, task_id=task_id, if_version=if_version, note=note)

    async def _send(self, kind: str, of: str, event_id: str | None, **data: Any) -> str:
        event_id = event_id or uuid4().hex
        event = {"type": kind, "id": event_id} | {
            name: value for name, value in (self._about | data).items() if value is not None or name == "payload"
        }
        value, key = msgspec.json.encode(event), of.encode()
        checked = parse_event(value, [], key, lambda _handler, _payload: [])  # what is announced is not known here
        if isinstance(checked, Rejection):
            raise InvalidInput(checked.errors)
        await self._producer.send_and_wait(self._topic, value, key=key)
        return event_id
