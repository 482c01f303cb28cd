"""What a ticker has written about one partition: raw, and as the documents that the log sink makes of it.

Runs are reported as an executor would, but some of the last ones, which are still in an executor's hands.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

import msgspec

from tasker_core.messages.watermark import decode_watermark
from tasker_core.time.instant import parse_second
from tasker_core.topics import TopicName
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_log_sink.testing.stores import InMemoryStore

Body = dict[str, Any]
_OUTCOMES: Final = ("succeeded",) * 6 + ("failed", "skipped", "cancelled")


class WrittenLog:
    """`records`: what was written, decoded, by topics, in order. `reported`: by the ids of runs what came of them."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self.records: dict[str, list[Body]] = {"due-tasks": [], "due-background": [], "verdicts": []}
        self.reported: dict[str, Body] = {}
        self.watermark: Body = {}
        self.now = 0
        self._decoded: list[DecodedRecord] = []

    def add(self, topic: str, key: bytes | None, value: bytes) -> None:
        """A record of a topic; what readers have no use for is left out."""
        if topic not in self.records:
            return
        self.records[topic].append(msgspec.json.decode(value))
        if topic == "verdicts":
            self._decode("verdicts", value, key)

    def report_runs(self, unreported_after: int) -> None:
        """As executors: report what became of the runs, but some that were due after a second."""
        for run in [*self.records["due-tasks"], *self.records["due-background"]]:
            if run["type"] != "run" or run["run_id"] in self.reported or run.get("kind") == "alert":
                continue
            if parse_second(run["effective_at"]) > unreported_after and self._chance.random() < 0.5:
                continue
            at, outcome = run["emitted_at"], self._chance.choice(_OUTCOMES)
            result = {**run, "type": "run.finished", "outcome": outcome, "worker": "w"}
            result |= {"received_at": at, "finished_at": at}
            if outcome in ("succeeded", "failed"):
                result["started_at"] = at
            if outcome == "failed":
                result["error"] = {"kind": "exit", "message": "ended with status 1"}
            self.reported[run["run_id"]] = result
            self._decode("results", msgspec.json.encode(result), None)

    def _decode(self, source: TopicName, value: bytes, key: bytes | None) -> None:
        self._decoded.append(decode_record(source, value, key, offset=len(self._decoded), timestamp=self.now * 1000))

    async def documents(self) -> dict[str, Sequence[Any]]:
        """All documents that the log sink makes of it, by their collections; records come in batches of any size."""
        store, left = InMemoryStore(), self._decoded
        while left:
            size = self._chance.randint(1, 40)
            await store.apply([], left[:size], datetime(2026, 1, 1, tzinfo=UTC))
            left = left[size:]
        return {name: list(some.values()) for name, some in store.documents.items()}

    def position(self) -> tuple[int, list[tuple[int, int, str]]]:
        """The watermark's time and its gaps, as the document of the partition has them."""
        mark = decode_watermark(msgspec.json.encode(self.watermark))
        return parse_second(mark.time), [
            (parse_second(gap.from_), parse_second(gap.to), gap.after_task) for gap in mark.catch_up
        ]
