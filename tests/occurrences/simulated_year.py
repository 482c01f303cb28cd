"""A year of one task: the ticker's real scheduler with outages, driven by events; its records, raw, and projected.

What the scheduler writes goes through the log sink's own decoding and projection. Runs are reported as an executor
would, but some of the last ones, which are still in an executor's hands.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

import msgspec

from tasker_core.chains.graph import ChainGraph
from tasker_core.events.forwarded_event import AppendPosition
from tasker_core.events.task_event import parse_event
from tasker_core.handlers.built_in import payload_errors
from tasker_core.messages.watermark import decode_watermark
from tasker_core.time.instant import from_ms, parse_second, rfc3339_second
from tasker_core.topics import TopicName
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_log_sink.testing.stores import InMemoryStore
from tasker_ticker.scheduling.batch import TransactionBatch
from tasker_ticker.scheduling.memory.watermark import WatermarkPosition
from tasker_ticker.scheduling.scheduler import Scheduler
from tasker_ticker.scheduling.scheduler_inputs import IncomingEvent, SchedulerConfig
from tasker_ticker.scheduling.scheduling_limits import SchedulingLimits
from tasker_ticker.scheduling.state import PartitionState, StoredState

Body = dict[str, Any]
TASK: Final = "nightly"
_OUTCOMES: Final = ("succeeded",) * 6 + ("failed", "skipped", "cancelled")


class SimulatedYear:
    """One partition from the second `begin` on. `records`: what was written, decoded, by topics, in order.

    `reported`: by the ids of runs what executors said of them.
    """

    def __init__(self, begin: int, chance: Random) -> None:
        self.now, self._chance = begin, chance
        self.records: dict[str, list[Body]] = {"due-tasks": [], "due-background": [], "verdicts": []}
        self.reported: dict[str, Body] = {}
        self.watermark: Body = {}
        self._decoded: list[DecodedRecord] = []
        self._inbox: list[IncomingEvent] = []
        self._offset = 0
        config = SchedulerConfig(0, 1, "owner", payload_errors, ChainGraph(), background_rate=1_000)
        state = PartitionState(
            WatermarkPosition(second=begin), StoredState(), SchedulingLimits(finished_seconds=5 * 86_400)
        )
        self._scheduler = Scheduler(config, state)

    def send(self, event: Body) -> None:
        """Append an event now."""
        content = parse_event(msgspec.json.encode(event), [], None)
        appended = AppendPosition(self.now * 1000 + 500, 0, self._offset)
        self._inbox.append(IncomingEvent(self._offset, appended, content))
        self._offset += 1

    def run_to(self, second: int) -> None:
        """Let the owner work up to a second, in every second in which something is due."""
        self._settle(self.now)
        while (due := min(self._scheduler.next_live_second(), self._scheduler.state.removals.first())) <= second:
            self._settle(max(due, self._scheduler.state.position.second))
        self._settle(second)
        self.now = second

    def outage(self, second: int) -> None:
        """Let the time pass without an owner."""
        self.now = second

    def recover(self, *, whole: bool = True) -> None:
        """The next owner takes up: events first, each at its place in time. Not `whole`: the gaps stay open."""
        while self._inbox:
            self._commit(self.now, recovering=True)
        if whole:
            self._settle(self.now)
        else:
            self._write(self._scheduler.prepare_batch(self.now, self.now * 1000 + 600))

    def _settle(self, second: int) -> None:
        while self._commit(second).has_more or self._inbox or self._scheduler.state.position.gaps:
            pass

    def _commit(self, second: int, *, recovering: bool = False) -> TransactionBatch:
        batch = self._scheduler.next_batch(second * 1000 + 600, self._inbox, recovering=recovering)
        del self._inbox[: batch.events]
        self._write(batch)
        return batch

    def _write(self, batch: TransactionBatch) -> None:
        for topic, pairs in batch.records.items():
            for key, value in pairs:
                self._written(topic, key, value)
        self.watermark = msgspec.json.decode(batch.watermark)

    def _written(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        if topic not in self.records:
            return
        assert value is not None
        self.records[topic].append(msgspec.json.decode(value))
        if topic == "verdicts":
            self._decode("verdicts", value, key)

    def report_runs(self, unreported_after: int) -> None:
        """As executors: report what became of the runs, but some that were due after a second."""
        for topic in ("due-tasks", "due-background"):
            for run in self.records[topic]:
                if run["type"] != "run" or run["run_id"] in self.reported:
                    continue
                if parse_second(run["effective_at"]) > unreported_after and self._chance.random() < 0.5:
                    continue
                outcome = self._chance.choice(_OUTCOMES)
                at = run["emitted_at"]
                result = {
                    **run,
                    "type": "run.finished",
                    "outcome": outcome,
                    "received_at": at,
                    "finished_at": at,
                    "worker": "w",
                }
                if outcome in ("succeeded", "failed"):
                    result["started_at"] = at
                if outcome == "failed":
                    result["error"] = {"kind": "exit", "message": "ended with status 1"}
                self.reported[run["run_id"]] = result
                self._decode("results", msgspec.json.encode(result), None)

    def _decode(self, source: TopicName, value: bytes, key: bytes | None) -> None:
        self._decoded.append(decode_record(source, value, key, len(self._decoded), self.now * 1000))

    async def documents(self) -> dict[str, Sequence[Any]]:
        """All documents that the log sink makes of it, by their collections; records come in batches of any size."""
        store, left = InMemoryStore(), self._decoded
        while left:
            size = self._chance.randint(1, 40)
            await store.apply([], left[:size], datetime(2026, 1, 1, tzinfo=UTC))
            left = left[size:]
        return {name: list(some.values()) for name, some in store.documents.items()}

    def log_position(self) -> tuple[int, list[tuple[int, int, str]]]:
        """The watermark's time and its gaps, as the document of the partition has them."""
        mark = decode_watermark(msgspec.json.encode(self.watermark))
        return parse_second(mark.time), [
            (parse_second(gap.from_), parse_second(gap.to), gap.after_task) for gap in mark.catch_up
        ]


def instant(second: int) -> str:
    """An instant as users write it."""
    return rfc3339_second(second)


def when(second: int) -> datetime:
    """The same as it is stored."""
    return from_ms(second * 1000)
