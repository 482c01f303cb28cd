"""Writes: publish an event, wait until its verdict and with it the projection is there, and tell what became of it."""

import asyncio
from dataclasses import dataclass
from typing import Any

import msgspec

from tasker_api.journal import Journal
from tasker_api.problems import Problem, invalid, not_found
from tasker_api.schemas import Pending
from tasker_api.store import Store
from tasker_core.errors import FieldError
from tasker_core.messages import Channel
from tasker_runtime.documents import JournalDocument
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.mongo import PyMongoError

ANSWER_SECONDS = 2.0
PUBLISH_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Command:
    """One event to publish. `event_id` is the client's `Idempotency-Key` if `repeatable`, else minted.

    `digest` names the content, so that the same key with another content is told. `if_version` 0: only create.
    """

    event_id: str
    task_id: str
    type: str
    data: dict[str, Any]
    digest: str
    channel: Channel = "rest"
    if_version: int | None = None
    repeatable: bool = False

    def encoded(self) -> bytes:
        """The event in the short form of the wire contract."""
        envelope = {"type": self.type, "id": self.event_id, "channel": self.channel, "digest": self.digest}
        condition = {} if self.if_version is None else {"if_version": self.if_version}
        return msgspec.json.encode(envelope | condition | self.data)


class Undecided(Exception):
    """The event is taken, and its verdict has not come within two seconds."""

    def __init__(self, command: Command) -> None:
        super().__init__(command.event_id)
        where = f"/api/v1/journal/{command.event_id}"
        self.pending = Pending(event_id=command.event_id, task_id=command.task_id, journal=where)


class Commands:
    """The writing side of the API."""

    def __init__(self, sender: RecordProducer, topic: str, journal: Journal, store: Store) -> None:
        self._sender, self._topic, self._journal, self._store = sender, topic, journal, store

    async def carry_out(self, command: Command) -> JournalDocument:
        """Publish and answer with the accepted verdict.

        Raises Problem when it is rejected or Kafka is away, Undecided when there is no verdict within two seconds.
        """
        return _accepted(command, await self._decided(command))

    async def answered(self, command: Command) -> JournalDocument | None:
        """The accepted verdict that a repeated command has already, None for a new one. Raises Problem."""
        stood = await self._stood(command) if command.repeatable else None
        return None if stood is None else _accepted(command, stood)

    async def _decided(self, command: Command) -> JournalDocument:
        async with self._journal.expecting(command.task_id, command.event_id) as verdict:
            if command.repeatable and (stood := await self._stood(command)):
                return stood
            try:
                # The key decides the partition: aiokafka's partitioner is murmur2.
                await self._sender.send(
                    self._topic, command.encoded(), key=command.task_id.encode(), seconds=PUBLISH_SECONDS
                )
            except (KafkaError, KafkaTimeout) as error:
                raise _unknown(command, error) from error
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    return await verdict
            except TimeoutError:
                if stood := await self._stood(command):
                    return stood
                raise Undecided(command) from None

    async def _stood(self, command: Command) -> JournalDocument | None:
        """The verdict that stands already, if the database can tell."""
        if not self._journal.following:
            return None
        try:
            return await self._store.entry(command.event_id, command.task_id)
        except PyMongoError:
            return None


def _accepted(command: Command, found: JournalDocument) -> JournalDocument:
    if found.get("digest") not in (None, command.digest):
        raise Problem(422, "this Idempotency-Key was used with another content: take a new key for a new request")
    if found["verdict"] == "rejected":
        raise _rejection(found, creating=command.if_version == 0 and command.type == "put")
    return found


def _unknown(command: Command, error: Exception) -> Problem:
    detail = (
        f"Kafka does not answer ({error}), so whether the event was taken is unknown; "
        f"repeating the request with `Idempotency-Key: {command.event_id}` is safe"
    )
    return Problem(503, detail, headers={"Retry-After": "2"})


def _rejection(found: JournalDocument, *, creating: bool) -> Problem:
    errors = [FieldError(**error) for error in found["errors"]]
    by_pointer = {error.pointer: error.message for error in errors}
    if stands := by_pointer.get("/if_version"):
        if creating:
            return Problem(
                409, f"a task with the id {found['task_id']!r} exists: change it with PUT, or choose another id"
            )
        return Problem(412, f"{stands}: somebody else changed it; read it again and decide anew")
    if by_pointer.get("/task_id") == "no such task":
        return not_found(f"the task {found['task_id']!r}")
    return invalid(errors)
