"""A runner without Kafka. Records are given to it, results are acknowledged when the test says so."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from tasker_core.kafka_record import Record, RecordPosition
from tasker_core.messages.base import encode
from tasker_core.messages.runs import Cancel, Overlap, Policy, RetryPolicy, Run, RunFinished, RunStarted, decode_result
from tasker_core.time.instant import rfc3339
from tasker_executor.announcements.foreign_handlers import ForeignHandlers
from tasker_executor.awaited_callback import AwaitedCallback
from tasker_executor.handlers.local_handlers import LocalHandlers
from tasker_executor.handlers.plugins.lingering_threads import LingeringThreads
from tasker_executor.partition.asyncio_tasks import AsyncioTasks
from tasker_executor.partition.offsets import OffsetTracker
from tasker_executor.partition.partition import LanePartition
from tasker_executor.partition.priority_lanes import LANES, Lane
from tasker_executor.partition.result_bytes import MAX_RESULT_BYTES, ResultBytes
from tasker_executor.reporting.dead_letters import DeadLetterReporter
from tasker_executor.reporting.reporter import Reporter
from tasker_executor.reporting.task_event_publisher import TaskEventPublisher
from tasker_executor.run_spans import RunSpans
from tasker_executor.scheduling.runner import Runner, RunnerDependencies
from tasker_runtime.health import Health
from tasker_runtime.logs import configure

NOON = 1_767_268_800_000


class FixedClock:
    """A clock that stands still at noon."""

    def now_ms(self) -> int:
        """Epoch milliseconds."""
        return NOON


class FakeResultProducer:
    """Keeps results; `acknowledge` says that Kafka has them."""

    def __init__(self, unsent: ResultBytes | None = None) -> None:
        self._unsent = unsent or ResultBytes()
        self.added: list[bytes] = []
        self.acknowledged_values: list[bytes] = []
        self._pending: list[tuple[bytes, Callable[[], None] | None]] = []

    def __len__(self) -> int:
        """How many are not acknowledged."""
        return len(self._pending)

    def add(self, partition: int, key: bytes, value: bytes, acknowledged: Callable[[], None] | None = None) -> None:
        """Keep a result."""
        self.added.append(value)
        self._pending.append((value, acknowledged))
        self._unsent.add(len(value))

    def acknowledge(self) -> None:
        """All results are acknowledged."""
        pending, self._pending = self._pending, []
        for value, acknowledged in pending:
            self.acknowledged_values.append(value)
            self._unsent.remove(len(value))
            if acknowledged is not None:
                acknowledged()

    @property
    def results(self) -> list[RunStarted | RunFinished]:
        """The results that were added."""
        return [decode_result(value) for value in self.added]

    @property
    def finished_runs(self) -> set[str]:
        """The ids of the runs whose end is acknowledged."""
        acknowledged = map(decode_result, self.acknowledged_values)
        return {result.run_id for result in acknowledged if isinstance(result, RunFinished)}


class FakeRecordProducer:
    """Keeps the values that it is to send."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.headers: list[Sequence[tuple[str, bytes]]] = []
        self._ends = Counter[tuple[str, int]]()
        self._is_free = asyncio.Event()
        self._is_free.set()

    def hold(self) -> None:
        """Acknowledge nothing any more."""
        self._is_free.clear()

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
        await self._is_free.wait()
        self.sent.append(value or b"")
        self.headers.append(headers)
        offset = self._ends[topic, partition or 0]
        self._ends[topic, partition or 0] += 1
        return RecordPosition(partition or 0, offset)


class RunnerHarness:
    """A runner on both lanes of one partition.

    The handlers `blocking` and `stubborn` go on until the test releases them (the latter ignores cancellation),
    `default` is over at once, `deferred` waits for its callback. Needs a running event loop.
    """

    def __init__(
        self,
        concurrency: int = 4,
        per_host: int = 50,
        called_host: Callable[[Run], str | None] | None = None,
        foreign_handlers: ForeignHandlers | None = None,
        spans: RunSpans | None = None,
        max_result_bytes: int = MAX_RESULT_BYTES,
    ) -> None:
        log, health = configure("executor", "console"), Health()
        self.unsent = ResultBytes(max_result_bytes)
        self.results, self.dead_letters = FakeResultProducer(self.unsent), FakeRecordProducer()
        self.events = FakeRecordProducer()
        self.started: list[str] = []
        self.cancelled: list[str] = []
        self.overlapped: list[str] = []
        self.offsets: dict[Lane, dict[int, str]] = {lane: {} for lane in LANES}
        self._running: dict[str, list[str]] = {}
        self.handlers = LocalHandlers(
            quick={"default": lambda run: self.started.append(run.run_id)},
            slow={"blocking": self._blocking, "stubborn": self._stubborn, "deferred": self._deferred},
            hosts={} if called_host is None else {"blocking": called_host},
        )
        self.tasks, self.lingering_threads = AsyncioTasks(), LingeringThreads()
        reporter = Reporter(
            self.results,
            DeadLetterReporter(self.dead_letters, "dead-letters", health, log),
            TaskEventPublisher(self.events, "task-events", health, log, spans),
            self.tasks.spawn,
            self.handlers,
            FixedClock(),
            "worker",
            log,
            spans,
            self.unsent,
        )
        foreign = foreign_handlers or ForeignHandlers()
        dependencies = RunnerDependencies(
            self.handlers, self.lingering_threads, reporter, self.tasks, FixedClock(), log, foreign, self.unsent
        )
        self.runner = Runner(dependencies, concurrency, per_host)
        self.partitions: dict[Lane, LanePartition] = {lane: LanePartition(lane, OffsetTracker(None)) for lane in LANES}
        self.emitted: dict[Lane, list[Record]] = {lane: [] for lane in LANES}
        self.paused_lanes = set[Lane]()
        self._read_to: dict[Lane, int] = dict.fromkeys(LANES, 0)
        self._ids, self._releases = count(), dict[str, asyncio.Future[Exception | None]]()
        self.runner.resume()

    def run(
        self,
        task_id: str = "t",
        overlap: Overlap = "allow",
        lane: Lane = "live",
        *,
        handler: str = "blocking",
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
        """Append a record to a lane; the runner gets it at once, unless the lane is paused."""
        record = Record(lane, 0, len(self.emitted[lane]), NOON + at, None, value, ())
        self.emitted[lane].append(record)
        if lane not in self.paused_lanes:
            self.read(lane)
        return record

    def read(self, lane: Lane, limit: int = 1_000) -> None:
        """Give the runner more records of a lane."""
        at = self._read_to[lane]
        for record in self.emitted[lane][at : at + limit]:
            self._read_to[lane] = record.offset + 1
            self.runner.accept(self.partitions[lane], record, NOON)

    def release(self, run_id: str, failure: Exception | None = None) -> None:
        """End a run's attempt."""
        released = self._releases.setdefault(run_id, asyncio.get_running_loop().create_future())
        if not released.done():
            released.set_result(failure)

    async def iterate(self, times: int = 12) -> None:
        """Let the event loop run some iterations."""
        for _ in range(times):
            await asyncio.sleep(0)

    async def finished(self) -> dict[str, RunFinished]:
        """The first end of each run, after the event loop has run and all results are acknowledged."""
        await self.iterate()
        self.results.acknowledge()
        await self.iterate()
        return {one.run_id: one for one in reversed(self.results.results) if isinstance(one, RunFinished)}

    def unfinished(self, lane: Lane) -> list[int]:
        """The offsets of a lane that were read and may not be committed."""
        progress = self.partitions[lane].offsets.progress()
        return progress.unfinished if progress else []

    def lose(self, *lanes: Lane) -> None:
        """The partition of these lanes goes to another member, and comes back unchanged."""
        self.runner.pause()
        for lane in lanes:
            lost = self.partitions[lane]
            committed = lost.offsets.progress()
            lost.abandon()
            self.runner.forget(lost)
            self.partitions[lane] = LanePartition(lane, OffsetTracker(committed))
            self._read_to[lane] = self.partitions[lane].offsets.resume_at or 0
        self.runner.resume()

    def rebalance(self) -> None:
        """A rebalance that leaves all partitions where they are."""
        self.runner.pause()
        self.runner.resume()

    async def close(self) -> None:
        """End what still executes, and start nothing more."""
        self.runner.slots.close()
        for run_id in self.running():
            self.release(run_id)
        await self.iterate()

    def running(self) -> list[str]:
        """The runs that execute, in the order in which they have started."""
        return [run_id for run_ids in self._running.values() for run_id in run_ids]

    @property
    def busy_slots(self) -> int:
        """How many runs hold a slot."""
        return sum(self.runner.slots.busy.values())

    async def _deferred(self, run: Run) -> object:
        self.started.append(run.run_id)
        return AwaitedCallback(NOON // 1000 + 3600)

    async def _blocking(self, run: Run) -> object:
        return await self._block(run, stubborn=False)

    async def _stubborn(self, run: Run) -> object:
        return await self._block(run, stubborn=True)

    async def _block(self, run: Run, *, stubborn: bool) -> object:
        self.started.append(run.run_id)
        running = self._running.setdefault(run.task_id, [])
        self.overlapped += [run.task_id] if running else []
        running.append(run.run_id)
        released = self._releases.setdefault(run.run_id, asyncio.get_running_loop().create_future())
        try:
            while not released.done():
                try:
                    await asyncio.wait({released})
                except asyncio.CancelledError:
                    self.cancelled.append(run.run_id)
                    if not stubborn:
                        raise
        finally:
            running.remove(run.run_id)
        failure = released.result()
        if failure is not None:
            raise failure
        return None


NewRunnerHarness = Callable[..., RunnerHarness]
"""Makes a harness, with its options."""
