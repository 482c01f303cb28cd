"""Writes the progress of tasks behind the batches: at once when there is time, later while results pile up.

A burst is so logged in half the time, and tasks that run often are written once for several of their runs where there
are many of them. Nothing is lost with the process: consumption starts again from the offset up to which progress is
written, which is saved portion by portion.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from time import monotonic
from typing import Final

from tasker_core.time.instant import from_ms
from tasker_log_sink.backlog import Backlog
from tasker_log_sink.projection.tasks.task_progress import TaskProgress
from tasker_log_sink.store.store_interface import ProgressStore
from tasker_runtime.clock import Clock, is_set_within
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.logs import Log
from tasker_runtime.mongo import UNSTORABLE, PyMongoError

CHECK: Final = "progress"
CHUNK: Final = 500
"""So many tasks are written at a time; after a failure half as many, since it may have been too much for MongoDB."""
PORTION: Final = 10_000
"""So many tasks, or some more, are written before an offset can be saved."""
MAX_PENDING: Final = 200_000
"""Some 160 MB. With more, progress gives way to nothing, and batches wait for it."""
ROOM_SECONDS: Final = 1.0
"""So long a batch waits for it: the log goes on even if tasks can't be written at all."""
WAIT_SECONDS: Final = 10.0
WAIT_PER_WRITE: Final = 7.0
"""So long progress gives way to a backlog before its first write; before each further one, of 500 tasks, seven
times as long as the last one took, so that it has an eighth of the time while records pile up for longer."""
SAVE_SECONDS: Final = 1.0
PAUSE_SECONDS: Final = 0.02
REST: Final = 12
MAX_REST_SECONDS: Final = 5.0
"""After a write that took a tenth of a second, none begins for 1.2 s: where much runs each second, it is written once
for several runs, as to write the progress of a run costs as much as all else of it. A few tasks are written at once."""


@dataclass(slots=True)
class ProgressPortion:
    """Progress by task id, and the offsets up to which it is complete together with the portions before it."""

    tasks: dict[str, TaskProgress] = field(default_factory=dict[str, TaskProgress])
    offsets: dict[TopicPartition, int] = field(default_factory=dict[TopicPartition, int])


class ProgressWriter:
    """Progress that is not written yet."""

    def __init__(
        self,
        store: ProgressStore,
        backlog: Backlog,
        clock: Clock,
        health: Health,
        log: Log,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store, self._backlog, self._clock, self._health, self._log = store, backlog, clock, health, log
        self._rest = rest
        self._portions: deque[ProgressPortion] = deque()
        self._chunk = CHUNK
        self._written_offsets: dict[TopicPartition, int] = {}
        self._saved_at = monotonic()
        self._wake = asyncio.Event()
        health.expect(CHECK)
        health.ok(CHECK)

    @property
    def pending(self) -> int:
        """How many tasks wait to be written."""
        return sum(len(portion.tasks) for portion in self._portions)

    def add(self, progress: Mapping[str, TaskProgress], offsets: Mapping[TopicPartition, int]) -> None:
        """Take in the progress of records that are applied, up to these offsets."""
        portions = self._portions
        for task_id, new in progress.items():
            for portion in portions:
                if (before := portion.tasks.get(task_id)) is not None:
                    portion.tasks[task_id] = before.merged(new)
                    break
            else:
                if not portions or len(portions[-1].tasks) >= PORTION:
                    portions.append(ProgressPortion())
                portions[-1].tasks[task_id] = new
        if not portions:
            portions.append(ProgressPortion())
        portions[-1].offsets.update(offsets)
        self._wake.set()

    async def make_room(self) -> None:
        """Wait until there is room for the progress of more records, for a while at most."""
        ends = monotonic() + ROOM_SECONDS
        while self.pending >= MAX_PENDING and monotonic() < ends:
            await asyncio.sleep(PAUSE_SECONDS)

    async def write_pending(self, seconds: float) -> None:
        """Write what is pending, and rest; returns when that is done or has failed, or after `seconds` of nothing to
        do."""
        await is_set_within(self._wake, seconds)
        self._wake.clear()
        seconds_spent = await self._write(WAIT_SECONDS)
        await self._save_now_and_then()
        if seconds_spent:
            await self._rest(min(MAX_REST_SECONDS, REST * seconds_spent))

    async def flush(self) -> None:
        """Write all that is pending now, as far as MongoDB lets us."""
        await self._write(0)
        await self.save_offsets()

    async def save_offsets(self) -> None:
        """Save up to which offsets progress is written."""
        written, self._written_offsets, self._saved_at = self._written_offsets, {}, monotonic()
        try:
            if written:
                await self._store.save_progress_offsets(written)
        except PyMongoError as error:
            self._written_offsets = written | self._written_offsets
            self._report_failure(error)

    async def _write(self, patience: float) -> float:
        """Returns how many seconds the store has taken. A `patience` of 0 gives way to nothing."""
        seconds_spent = took = 0.0
        await self._give_way(patience)
        for _ in range(len(self._portions)):
            portion = self._portions.popleft()  # what comes meanwhile goes into another one
            try:
                while left := portion.tasks:
                    await self._give_way(min(patience, WAIT_PER_WRITE * took), len(left))
                    chunk, began = dict(islice(left.items(), self._chunk)), monotonic()
                    await self._store_chunk(chunk, from_ms(self._clock.now_ms()))
                    took = monotonic() - began
                    seconds_spent += took
                    self._chunk = min(CHUNK, 2 * self._chunk)
                    self._health.ok(CHECK)
                    for task_id in chunk:
                        del left[task_id]
            except (PyMongoError, asyncio.CancelledError) as error:
                self._portions.appendleft(portion)
                if not isinstance(error, PyMongoError):
                    raise
                self._chunk = max(1, self._chunk // 2)
                self._report_failure(error)
                await asyncio.sleep(SAVE_SECONDS)
                return seconds_spent
            self._written_offsets.update(portion.offsets)
            await self._save_now_and_then()
        self._health.ok(CHECK)
        return seconds_spent

    async def _store_chunk(self, chunk: dict[str, TaskProgress], now: datetime) -> None:
        """Write some tasks. One that nothing can store is left as it is, and all others are written."""
        try:
            await self._store.write_progress(chunk, now)
        except UNSTORABLE as error:
            if len(chunk) == 1:
                self._log.error("progress dropped", task_id=next(iter(chunk)), reason=str(error)[:300])
                return
            for part in (islice(chunk.items(), len(chunk) // 2), islice(chunk.items(), len(chunk) // 2, None)):
                await self._store_chunk(dict(part), now)

    async def _give_way(self, seconds: float, being_written: int = 0) -> None:
        ends = monotonic() + seconds
        while self._backlog.is_large and monotonic() < ends and self.pending + being_written < MAX_PENDING:
            await asyncio.sleep(PAUSE_SECONDS)

    async def _save_now_and_then(self) -> None:
        if self._written_offsets and monotonic() - self._saved_at > SAVE_SECONDS:
            await self.save_offsets()

    def _report_failure(self, error: PyMongoError) -> None:
        self._health.fail(CHECK, f"tasks do not show their last runs: {error}"[:500])
        self._log.warning("progress delayed", tasks=self.pending, reason=str(error)[:300])
