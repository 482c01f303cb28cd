"""Takes what a job of a change-set publishes, and answers it, in place of Kafka, the ticker and the log sink."""

from collections.abc import Sequence
from typing import Any

import msgspec

from tasker_api.publishing.verdict_stream import VerdictStream
from tasker_api.testing.document_writer import NOON, DocumentWriter
from tasker_core.documents.journal import entry_id
from tasker_runtime.kafka.client import KafkaTimeout
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.record_producer import RecordProducer


class AnsweringProducer(RecordProducer):
    """Each record has its verdict in the journal as soon as it is taken, of the same event the first one alone.

    `items` are the tasks of all events that were taken, in their order, `stated` how many were stated by then. Of the
    next call with events for tasks only `takes` are taken, if that is a number, before Kafka is away for once; so it is
    for the next statement of the state `lost_state`.
    """

    def __init__(self, documents: DocumentWriter, verdicts: VerdictStream) -> None:
        super().__init__(KafkaConnection("127.0.0.1:1"))
        self._documents, self._verdicts, self._known = documents, verdicts, set[str]()
        self.items, self.stated, self.statements = list[str](), list[int](), list[dict[str, Any]]()
        self.takes: int | None = None
        self.lost_state: str | None = None

    async def send_all(self, topic: str, records: Sequence[tuple[bytes, bytes]], seconds: float = 10.0) -> None:
        """As RecordProducer says."""
        del topic
        events: list[dict[str, Any]] = [msgspec.json.decode(value) for _, value in records]
        if [event["type"] for event in events] == ["change-set"]:
            await self._state(events[0]["change_set"], seconds)
            return
        takes, self.takes = self.takes, None
        for event in events[:takes]:
            await self.answer(event)
        if takes is not None:
            raise KafkaTimeout(f"one partition has no leader: no answer within {seconds:g} s")

    async def answer(self, event: dict[str, Any]) -> None:
        """Take one event; returns when whoever waits for its verdict has it."""
        self.items.append(event["task_id"])
        self.stated.append(self.statements[-1]["progress"]["published"] if self.statements else 0)
        name = entry_id(event["task_id"], event["id"])
        if name in self._known:
            return
        self._known.add(name)
        async with self._verdicts.expect(event["task_id"], event["id"]) as verdict:
            about = {"event_type": event["type"], "change_set": event["change_set"]}
            await self._documents.verdict(event["task_id"], event["id"], **about)
            await verdict

    async def _state(self, stated: dict[str, Any], seconds: float) -> None:
        if self.lost_state is not None and stated.get("state") == self.lost_state:
            self.lost_state = None
            raise KafkaTimeout(f"sending a statement: no answer within {seconds:g} s")
        self.statements.append(stated)
        await self.show(**stated)

    async def show(self, id: str, **fields: Any) -> None:
        """Have the log show something of a change-set."""
        new: dict[str, Any] = {
            "first_version": 1, "actor": None, "channel": "rest", "note": None, "created_at": NOON, "updated_at": NOON,
            "state_version": 0, "versions": {}, "kind": "bulk", "action": "pause", "logged_at": NOON,
        }  # fmt: skip
        if "state" not in fields:
            new["state"] = "running"
        change = {"$set": fields, "$setOnInsert": new}
        await self._documents.database["change_sets"].update_one({"_id": id}, change, upsert=True)
