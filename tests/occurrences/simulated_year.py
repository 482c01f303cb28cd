"""A year of one task: the ticker's real scheduler with outages, driven by events."""

from random import Random
from typing import Any, Final

import msgspec

from tasker_core.chains.graph import ChainGraph
from tasker_core.events.forwarded_event import AppendPosition
from tasker_core.events.task_event import parse_event
from tasker_core.handlers.built_in import payload_errors
from tasker_core.time.instant import rfc3339_second
from tasker_ticker.scheduling.batch import TransactionBatch
from tasker_ticker.scheduling.memory.watermark import WatermarkPosition
from tasker_ticker.scheduling.scheduler import Scheduler
from tasker_ticker.scheduling.scheduler_inputs import IncomingEvent, SchedulerConfig
from tasker_ticker.scheduling.scheduling_limits import SchedulingLimits
from tasker_ticker.scheduling.state import PartitionState
from tasker_ticker.scheduling.stored_state import StoredState
from tasker_ticker.testing.partition_harness import CalendarBoard
from tests.occurrences.written_log import WrittenLog

Body = dict[str, Any]
TASK: Final = "nightly"


class SimulatedYear:
    """One partition from the second `begin` on, and what its owners write."""

    def __init__(self, begin: int, chance: Random) -> None:
        self.now = begin
        self.log = WrittenLog(chance)
        self._inbox: list[IncomingEvent] = []
        self._offset = 0
        self._board, self._versions = CalendarBoard(), 1_000_000
        config = SchedulerConfig(0, 1, "owner", payload_errors, ChainGraph(), self._board, background_rate=1_000)
        state = PartitionState(
            WatermarkPosition(second=begin), StoredState(), SchedulingLimits(finished_seconds=15 * 86_400)
        )
        self._scheduler = Scheduler(config, state)

    def send(self, event: Body) -> None:
        """Append an event now."""
        content = parse_event(msgspec.json.encode(event), [], None)
        appended = AppendPosition(self.now * 1000 + 500, 0, self._offset)
        self._inbox.append(IncomingEvent(self._offset, appended, content))
        self._offset += 1

    def define_elsewhere(self, name: str, days: list[str] | None) -> None:
        """Another partition defines a calendar now, or deletes it."""
        self._versions += 1
        about: Body = {"version": self._versions, "effective_from": rfc3339_second(self.now)}
        calendar: Body = {"name": name, "days": days}
        defined = None if days is None else msgspec.json.encode({"type": "calendar", **calendar, **about})
        self._board.table.apply(name.encode(), defined)
        verdict: Body = {"type": "verdict", "event_id": f"c{self._versions}", "task_id": name, "verdict": "accepted"}
        verdict["event_type"] = "calendar-delete" if days is None else "calendar"
        verdict |= {} if days is None else {"calendar": calendar}
        self.log.now = self.now
        self.log.add("verdicts", name.encode(), msgspec.json.encode(verdict | about))

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
        scheduler = self._scheduler
        while self._commit(second).has_more or self._inbox or scheduler.state.position.gaps:
            pass
        assert not scheduler.handover.is_unfinished

    def _commit(self, second: int, *, recovering: bool = False) -> TransactionBatch:
        batch = self._scheduler.next_batch(second * 1000 + 600, self._inbox, recovering=recovering)
        del self._inbox[: batch.events]
        self._write(batch)
        return batch

    def _write(self, batch: TransactionBatch) -> None:
        self.log.now = self.now
        for topic, pairs in batch.records.items():
            for key, value in pairs:
                if value is not None:
                    self.log.add(topic, key, value)
        self.log.watermark = msgspec.json.decode(batch.watermark)


def instant(second: int) -> str:
    """An instant as users write it."""
    return rfc3339_second(second)
