"""Writes the progress of tasks behind the batches: at once when there is time, later while results pile up.

A burst is so logged in half the time, and tasks that run often are written once for several of their runs where there
are many of them. Nothing is lost with the process: consumption starts again from the offset up to which progress is
written.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from itertools import islice
from time import monotonic
from typing import Final

from tasker_core.time.instant import from_ms
from tasker_log_sink.backlog import Backlog
from tasker_log_sink.projection.tasks.task_progress import TaskProgress
from tasker_log_sink.store.store_interface import ProgressStore
from tasker_runtime.clock import Clock
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.logs import Log
from tasker_runtime.mongo import PyMongoError

CHECK: Final = "progress"
CHUNK: Final = 500
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


class ProgressWriter:
    """Progress that is not written yet, one entry a task, and the offsets up to which it is complete."""

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
        self._pending: dict[str, TaskProgress] = {}
        self._pending_offsets: dict[TopicPartition, int] = {}
        self._written_offsets: dict[TopicPartition, int] = {}
        self._saved_at = monotonic()
        self._wake = asyncio.Event()
        health.expect(CHECK)
        health.ok(CHECK)

    def add(self, progress: Mapping[str, TaskProgress], offsets: Mapping[TopicPartition, int]) -> None:
        """Take in the progress of records that are applied, up to these offsets."""
        if not self._pending:
            self._pending.update(progress)
        else:
            for task_id, new in progress.items():
                before = self._pending.get(task_id)
                self._pending[task_id] = new if before is None else before.merged(new)
        self._pending_offsets.update(offsets)
        self._wake.set()

    async def write_pending(self, seconds: float) -> None:
        """Write what is pending, and rest; returns when that is done or has failed, or after `seconds` of nothing to
        do."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)
        self._wake.clear()
        seconds_spent = await self._write(WAIT_SECONDS)
        if self._written_offsets and monotonic() - self._saved_at > SAVE_SECONDS:
            await self.save_offsets()
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
        left, offsets, self._pending, self._pending_offsets = self._pending, self._pending_offsets, {}, {}
        try:
            while left:
                await self._give_way(min(patience, WAIT_PER_WRITE * took))
                chunk, began = dict(islice(left.items(), CHUNK)), monotonic()
                await self._store.write_progress(chunk, from_ms(self._clock.now_ms()))
                took = monotonic() - began
                seconds_spent += took
                self._health.ok(CHECK)
                for task_id in chunk:
                    del left[task_id]
        except (PyMongoError, asyncio.CancelledError) as error:
            newer, newer_offsets = self._pending, self._pending_offsets
            self._pending, self._pending_offsets = left, offsets
            self.add(newer, newer_offsets)
            if not isinstance(error, PyMongoError):
                raise
            self._report_failure(error)
            await asyncio.sleep(SAVE_SECONDS)
        else:
            self._written_offsets.update(offsets)
            self._health.ok(CHECK)
        return seconds_spent

    async def _give_way(self, seconds: float) -> None:
        ends = monotonic() + seconds
        while self._backlog.is_large and monotonic() < ends:
            await asyncio.sleep(PAUSE_SECONDS)

    def _report_failure(self, error: PyMongoError) -> None:
        self._health.fail(CHECK, f"tasks do not show their last runs: {error}"[:500])
        self._log.warning("progress delayed", tasks=len(self._pending), reason=str(error)[:300])
