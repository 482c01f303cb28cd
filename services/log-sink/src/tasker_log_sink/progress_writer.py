"""The moves of tasks that follow what is applied: at once when there is time, behind when results pile up.

A burst is so logged in half the time. Nothing is lost with the process: consumption starts again from the offset up to
which moves are made.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from itertools import islice
from time import monotonic

from tasker_core.time.instant import from_ms
from tasker_log_sink.projection.task_progress import TaskProgress
from tasker_log_sink.store.projection_store import ProjectionStore
from tasker_runtime.clock import Clock
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.logs import Log
from tasker_runtime.mongo import PyMongoError

CHECK = "trail"
CHUNK = 1000
WAIT_SECONDS = 10.0
"""So long moves give way to results that pile up."""
NOTE_SECONDS = 1.0
PAUSE_SECONDS = 0.02


class ProgressWriter:
    """Moves that are not made yet, one per task, and the offsets up to which they tell everything."""

    def __init__(self, store: ProjectionStore, clock: Clock, health: Health, log: Log) -> None:
        self._store, self._clock, self._health, self._log = store, clock, health, log
        self.pressed: Callable[[], bool] = lambda: False
        self._moves: dict[str, TaskProgress] = {}
        self._reached: dict[TopicPartition, int] = {}
        self._made: dict[TopicPartition, int] = {}
        self._noted = monotonic()
        self._wake = asyncio.Event()
        health.expect(CHECK)
        health.ok(CHECK)

    def add(self, moves: Mapping[str, TaskProgress], reached: Mapping[TopicPartition, int]) -> None:
        """Moves of records that are applied, up to these offsets."""
        if not self._moves:
            self._moves.update(moves)
        else:
            for task_id, move in moves.items():
                before = self._moves.get(task_id)
                self._moves[task_id] = move if before is None else before.joined(move)
        self._reached.update(reached)
        self._wake.set()

    async def follow(self, seconds: float) -> None:
        """Make the moves there are; returns when that is done or has failed, or after `seconds` of nothing to do."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)
        self._wake.clear()
        await self._make(monotonic() + WAIT_SECONDS)
        if self._made and monotonic() - self._noted > NOTE_SECONDS:
            await self._note()

    async def finish(self) -> None:
        """Make all moves now, as far as MongoDB lets us."""
        await self._make(0)
        await self._note()

    async def _make(self, patience_ends: float) -> None:
        await self._give_way(patience_ends)
        moves, reached, self._moves, self._reached = self._moves, self._reached, {}, {}
        left = iter(moves.items())
        try:
            while chunk := dict(islice(left, CHUNK)):
                await self._store.move(chunk, from_ms(self._clock.now_ms()))
                await self._give_way(patience_ends)
        except (PyMongoError, asyncio.CancelledError) as error:
            newer, ahead, self._moves, self._reached = self._moves, self._reached, moves, reached
            self.add(newer, ahead)
            if not isinstance(error, PyMongoError):
                raise
            self._failed(error)
            await asyncio.sleep(NOTE_SECONDS)
        else:
            self._made.update(reached)
            self._health.ok(CHECK)

    async def _note(self) -> None:
        made, self._made, self._noted = self._made, {}, monotonic()
        try:
            if made:
                await self._store.moved(made)
        except PyMongoError as error:
            self._made = made | self._made
            self._failed(error)

    async def _give_way(self, patience_ends: float) -> None:
        while self.pressed() and monotonic() < patience_ends:
            await asyncio.sleep(PAUSE_SECONDS)

    def _failed(self, error: PyMongoError) -> None:
        self._health.fail(CHECK, f"tasks do not show their last runs: {error}"[:500])
        self._log.warning("moves wait", moves=len(self._moves), reason=str(error)[:300])
