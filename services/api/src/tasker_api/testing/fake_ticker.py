"""Decides on the events of an API as a test wants, in place of the ticker and the log sink."""

import asyncio
from typing import Any

import msgspec

from tasker_api.testing.document_writer import DocumentWriter
from tasker_core.topics import PARTITIONS, partition_of
from tasker_runtime.kafka.partition_reader import PartitionReader

SECONDS = 20


class FakeTicker:
    """Reads task events, and writes their verdicts to the journal. `events`: all that it has read."""

    def __init__(self, documents: DocumentWriter, reader: PartitionReader) -> None:
        self._documents, self._reader = documents, reader
        self.events: list[dict[str, Any]] = []

    async def decide(self, **verdict: Any) -> dict[str, Any]:
        """Wait for the next event, which is returned, and give it a verdict; none without fields of it."""
        async with asyncio.timeout(SECONDS):
            while not (records := await self._reader.poll(100, limit=1)):
                pass
        record = records[0]
        event: dict[str, Any] = msgspec.json.decode(record.value or b"")
        named = event.get("task") or event["change_set"] if event["type"] in ("put", "change-set") else None
        task_id = event["task_id"] if named is None else named["id"]
        assert (record.key or b"").decode() == task_id
        assert record.partition == partition_of(task_id, PARTITIONS)
        self.events.append(event)
        if verdict:
            fields = {"event_type": event["type"], "digest": event["digest"], "actor": event.get("actor")} | verdict
            await self._documents.verdict(task_id, event["id"], **fields)
        return event
