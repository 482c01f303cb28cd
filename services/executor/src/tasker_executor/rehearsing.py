"""For tests: a runner without Kafka. Records are given to it, results are acknowledged when the test says so."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from tasker_core.instant import rfc3339
from tasker_core.messages import Cancel, Overlap, Policy, RetryPolicy, Run, RunFinished, decode_result, encode
from tasker_executor.burials import Burials
from tasker_executor.feed import Feed
from tasker_executor.handlers.registry import Registry
from tasker_executor.lanes import LANES, Lane
from tasker_executor.offsets import Offsets, Progress
from tasker_executor.outcomes import Outcomes
from tasker_executor.results import Results
from tasker_executor.retries import Retries
from tasker_executor.runner import Runner
from tasker_executor.telling import Shell
from tasker_runtime.health import Health
from tasker_runtime.kafka import Place, Record, Sender
from tasker_runtime.logs import Log, configure

NOON = 1_767_268_800_000


class Noon:
    """A clock that stands still."""

    def now_ms(self) -> int:
        """Epoch milliseconds."""
        return NOON


class Kept(Results):
    """Results that go nowhere: `told` are those that were added, `acknowledge` says that they are written."""

    def __init__(self, log: Log) -> None:
        super().__init__("", "results", Health(), log)
        self.told: list[Any] = []
        self._open: list[Callable[[], None]] = []

    def add(self, partition: int, key: bytes, value: bytes, done: Callable[[], None] | None = None) -> None:
        """Keep a result."""
        self.told.append(decode_result(value))
        if done is not None:
            self._open.append(done)

    def acknowledge(self) -> None:
        """All that was told is written."""
        done, self._open = self._open, []
        for each in done:
            each()


class Sent(Sender):
    """A sender that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__("")
        self.sent: list[bytes] = []

    async def send(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: bytes | None = None,
        partition: int | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
        seconds: float = 10.0,
    ) -> Place:
        """Keep a record."""
        self.sent.append(value or b"")
        return Place(0, len(self.sent))


class Rehearsal:
    """A runner on both lanes of one partition. `door` and `stubborn` go on until the test lets them go (the latter
    hears no cancellation), `default` is over at once. Needs a running event loop."""

    def __init__(
        self, concurrency: int = 4, per_host: int = 50, place: Callable[[Run], str | None] | None = None
    ) -> None:
        self.log = configure("executor", "console")
        self.results, self.letters, self.events = Kept(self.log), Sent(), Sent()
        self.begun: list[str] = []
        self.stopped: list[str] = []
        self.registry = Registry(
            quick={"default": lambda run: self.begun.append(run.run_id)},
            slow={"door": self._door, "stubborn": self._stubborn},
            calls={} if place is None else {"door": place},
        )
        burials = Burials(self.letters, "dead-letters", Health(), self.log)
        retries = Retries(self.events, "task-events", Health(), self.log)
        outcomes = Outcomes(self.events, "task-events", Health(), self.log)
        shell = Shell(self.registry, self.results, burials, retries, outcomes, Noon(), "worker", self.log)
        self.runner = Runner(shell, concurrency, per_host)
        self.feeds: dict[Lane, Feed] = {lane: Feed(lane, Offsets(None)) for lane in LANES}
        self.read: dict[Lane, list[Record]] = {lane: [] for lane in LANES}
        self._ids, self._doors = count(), dict[str, asyncio.Future[object]]()
        self.runner.go()

    def run(
        self,
        task_id: str = "t",
        overlap: Overlap = "allow",
        lane: Lane = "live",
        *,
        handler: str = "door",
        retry: RetryPolicy | None = None,
        at: int = 0,
        **more: Any,
    ) -> Run:
        """Emit a run, `at` milliseconds after noon."""
        number, due = next(self._ids), rfc3339(NOON)
        fields: dict[str, Any] = {"run_id": f"r{number}", "nominal_at": due, "effective_at": due, "emitted_at": due}
        fields |= {"generation": 1, "version": 1, "policy": Policy(overlap=overlap, retry=retry)} | more
        run = Run(task_id=task_id, task_name=task_id, handler=handler, **fields)
        self.emit(lane, encode(run), at)
        return run

    def cancel(self, lane: Lane, task_id: str = "t", run_id: str | None = None, at: int = 0) -> None:
        """Emit one lane's copy of a cancel."""
        self.emit(lane, encode(Cancel(task_id=task_id, run_id=run_id)), at)

    def emit(self, lane: Lane, value: bytes, at: int = 0) -> Record:
        """Put a record behind the others of a lane, and let the runner have it."""
        record = Record(lane, 0, len(self.read[lane]), NOON + at, None, value, ())
        self.read[lane].append(record)
        self.runner.accept(self.feeds[lane], record, NOON)
        return record

    def let_go(self, run: Run, failure: BaseException | None = None) -> None:
        """End a run's attempt."""
        door = self._door_of(run.run_id)
        if failure is None:
            door.set_result(None)
        else:
            door.set_exception(failure)

    async def turns(self, many: int = 12) -> None:
        """Let the event loop turn."""
        for _ in range(many):
            await asyncio.sleep(0)

    async def told(self) -> dict[str, RunFinished]:
        """The first end of each run, after the event loop has turned and all is acknowledged."""
        await self.turns()
        self.results.acknowledge()
        await self.turns()
        return {one.run_id: one for one in reversed(self.results.told) if isinstance(one, RunFinished)}

    def unfinished(self, lane: Lane) -> list[int]:
        """The offsets of a lane that were read and may not be passed."""
        progress: Progress | None = self.feeds[lane].offsets.progress()
        return progress.unfinished if progress else []

    def lose(self, lane: Lane, *, back: bool) -> None:
        """The partition goes to another member; with `back` it returns with its commit, and is read again."""
        self.runner.slots.hold()
        gone = self.feeds[lane]
        gone.leave()
        self.runner.forget(gone)
        progress = gone.offsets.progress()
        self.feeds[lane] = Feed(lane, Offsets(progress))
        self.runner.go()
        for record in self.read[lane] if back else ():
            if progress is None or record.offset >= (progress.unfinished or [progress.read_to])[0]:
                self.runner.accept(self.feeds[lane], record, NOON)

    @property
    def jobs(self) -> int:
        """How many runs hold a slot."""
        return sum(self.runner.slots.busy.values())

    def _door_of(self, run_id: str) -> "asyncio.Future[object]":
        return self._doors.setdefault(run_id, asyncio.get_running_loop().create_future())

    async def _door(self, run: Run) -> object:
        self.begun.append(run.run_id)
        try:
            return await asyncio.shield(self._door_of(run.run_id))
        except asyncio.CancelledError:
            self.stopped.append(run.run_id)
            raise

    async def _stubborn(self, run: Run) -> object:
        self.begun.append(run.run_id)
        while True:
            try:
                return await asyncio.shield(self._door_of(run.run_id))
            except asyncio.CancelledError:
                self.stopped.append(run.run_id)
