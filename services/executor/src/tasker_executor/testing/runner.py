"""For tests: a runner without Kafka. Records are given to it, results are acknowledged when the test says so."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from tasker_core.messages import Cancel, Overlap, Policy, RetryPolicy, Run, RunFinished, decode_result, encode
from tasker_core.record import Record, RecordPosition
from tasker_core.time.instant import rfc3339
from tasker_executor.handlers.local_handlers import Registry
from tasker_executor.partition.lanes import LANES, Lane
from tasker_executor.partition.offsets import Offsets, Progress
from tasker_executor.partition.partition import Feed
from tasker_executor.reporting.dead_letters import Burials
from tasker_executor.reporting.reporter import Shell
from tasker_executor.reporting.result_producer import Results
from tasker_executor.reporting.retries import Retries
from tasker_executor.reporting.task_events import Outcomes
from tasker_executor.scheduling.runner import Runner
from tasker_runtime.health import Health
from tasker_runtime.kafka.record_producer import RecordProducer
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
        self.written: set[str] = set()
        self._open: list[tuple[str, Callable[[], None]]] = []

    def add(self, partition: int, key: bytes, value: bytes, done: Callable[[], None] | None = None) -> None:
        """Keep a result."""
        told = decode_result(value)
        self.told.append(told)
        if done is not None:
            self._open.append((told.run_id, done))

    def acknowledge(self) -> None:
        """All that was told is written."""
        done, self._open = self._open, []
        for run_id, each in done:
            self.written.add(run_id)
            each()


class Sent(RecordProducer):
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
    ) -> RecordPosition:
        """Keep a record."""
        self.sent.append(value or b"")
        return RecordPosition(0, len(self.sent))


class Rehearsal:
    """A runner on both lanes of one partition. `door` and `stubborn` go on until the test lets them go (the latter
    hears no cancellation), `default` is over at once. Needs a running event loop."""

    def __init__(
        self, concurrency: int = 4, per_host: int = 50, place: Callable[[Run], str | None] | None = None
    ) -> None:
        log = configure("executor", "console")
        self.results, self.letters, self.events = Kept(log), Sent(), Sent()
        self.begun: list[str] = []
        self.stopped: list[str] = []
        self.overlapped: list[str] = []
        self.offsets: dict[Lane, dict[int, str]] = {lane: {} for lane in LANES}
        self._now: dict[str, list[str]] = {}
        self.registry = Registry(
            quick={"default": lambda run: self.begun.append(run.run_id)},
            slow={"door": self._door, "stubborn": self._stubborn},
            calls={} if place is None else {"door": place},
        )
        burials = Burials(self.letters, "dead-letters", Health(), log)
        retries = Retries(self.events, "task-events", Health(), log)
        outcomes = Outcomes(self.events, "task-events", Health(), log)
        shell = Shell(self.registry, self.results, burials, retries, outcomes, Noon(), "worker", log)
        self.runner = Runner(shell, concurrency, per_host)
        self.feeds: dict[Lane, Feed] = {lane: Feed(lane, Offsets(None)) for lane in LANES}
        self.emitted: dict[Lane, list[Record]] = {lane: [] for lane in LANES}
        self.held_back = set[Lane]()
        self._read_to: dict[Lane, int] = dict.fromkeys(LANES, 0)
        self._ids, self._doors = count(), dict[str, asyncio.Future[Exception | None]]()
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
        self.offsets[lane][self.emit(lane, encode(run), at).offset] = run.run_id
        return run

    def cancel(self, *lanes: Lane, task_id: str = "t", run_id: str | None = None, at: int = 0) -> None:
        """Emit the copies of a cancel in these lanes."""
        for lane in lanes:
            self.emit(lane, encode(Cancel(task_id=task_id, run_id=run_id)), at)

    def emit(self, lane: Lane, value: bytes, at: int = 0) -> Record:
        """Put a record behind the others of a lane; the runner has it at once, unless the lane is held back."""
        record = Record(lane, 0, len(self.emitted[lane]), NOON + at, None, value, ())
        self.emitted[lane].append(record)
        if lane not in self.held_back:
            self.read(lane)
        return record

    def read(self, lane: Lane, most: int = 1_000) -> None:
        """Let the runner have more of a lane."""
        at = self._read_to[lane]
        for record in self.emitted[lane][at : at + most]:
            self._read_to[lane] = record.offset + 1
            self.runner.accept(self.feeds[lane], record, NOON)

    def let_go(self, run: Run) -> None:
        """End a run's attempt."""
        self.open_door(run.run_id)

    def open_door(self, run_id: str, failure: Exception | None = None) -> None:
        """End an attempt."""
        door = self._doors.setdefault(run_id, asyncio.get_running_loop().create_future())
        if not door.done():
            door.set_result(failure)

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

    def lose(self, *lanes: Lane) -> None:
        """The partition of these lanes goes to another member, and comes back as it went."""
        self.runner.slots.hold()
        for lane in lanes:
            gone = self.feeds[lane]
            gone.leave()
            self.runner.forget(gone)
            self.feeds[lane] = Feed(lane, Offsets(gone.offsets.progress()))
            self._read_to[lane] = self.feeds[lane].offsets.resume_at or 0
        self.runner.go()

    def keep(self) -> None:
        """A rebalance that leaves all partitions where they are."""
        self.runner.slots.hold()
        self.runner.go()

    def open_doors(self) -> list[str]:
        """The runs that are under way, in the order in which they have begun."""
        return [run_id for run_ids in self._now.values() for run_id in run_ids]

    @property
    def jobs(self) -> int:
        """How many runs hold a slot."""
        return sum(self.runner.slots.busy.values())

    async def _door(self, run: Run) -> object:
        return await self._behind_door(run, stubborn=False)

    async def _stubborn(self, run: Run) -> object:
        return await self._behind_door(run, stubborn=True)

    async def _behind_door(self, run: Run, *, stubborn: bool) -> object:
        self.begun.append(run.run_id)
        now = self._now.setdefault(run.task_id, [])
        self.overlapped += [run.task_id] if now else []
        now.append(run.run_id)
        door = self._doors.setdefault(run.run_id, asyncio.get_running_loop().create_future())
        try:
            while not door.done():
                try:
                    await asyncio.wait({door})
                except asyncio.CancelledError:
                    self.stopped.append(run.run_id)
                    if not stubborn:
                        raise
        finally:
            now.remove(run.run_id)
        failure = door.result()
        if failure is not None:
            raise failure
        return None
