"""One simulated world: processes, broker, network, users and faults, all from one seed."""

import gc
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from random import Random
from typing import Any
from unittest import mock

from tasker_core.messages import decode_watermark
from tasker_ticker import loop as turns
from tasker_ticker import metrics
from tasker_ticker.scheduling import background
from tasker_ticker.scheduling import batch as turn
from tasker_ticker.scheduling.memory import held_task as records
from tests.simulation.cluster.broker import Broker
from tests.simulation.cluster.network import Network
from tests.simulation.environment.faults import at_a_cut, drizzle, strike
from tests.simulation.environment.ticker_process import SESSION_SECONDS, TOPICS, Group, Process
from tests.simulation.environment.trace import Trace
from tests.simulation.environment.users import EVENTS, Client
from tests.simulation.environment.virtual_loop import VirtualLoop
from tests.simulation.environment.workload import Wishes

QUIET_SECONDS = 20
"""At the end: everything is healed, and all that is due must have been done."""
RETENTION_SECONDS = 15
"""How long a finished task is kept."""
RECENT = 3
"""Of so many events a task keeps the ids."""


class World:
    """`max_ahead_ms` is how far any clock has been ahead of the broker's, `max_behind_ms` behind.

    `lag_ms`: how late a fetch may have been. `steady`: no clock was stepped. `crowded`: one partition with many tasks
    that are due all the time, and owners that are struck in the middle of a burst. `most`: how many runs, and how many
    bytes, make a transaction full.
    """

    def __init__(self, seed: int, *, trace: bool = False) -> None:
        self.seed, self.chance, self.loop = seed, Random(seed), VirtualLoop()
        self.trace = Trace(trace, self.loop.time)
        self.crowded = self.chance.random() < 0.3
        self.partitions = 1 if self.crowded else self.chance.choice((1, 2, 2, 3))
        self.most = self.chance.choice((1, 2, 2, 3)), self.chance.choice((1 << 20, 1 << 20, 1_000))
        self.size = self.chance.choice((1, 2, 2, 3))
        self.background_rate = self.chance.choice((8, 20))
        self.broker = Broker(self.loop, self.chance)
        self.network = Network(self.loop, self.chance)
        self.network.told = self.trace.tell
        self.group = Group(self.partitions, self.loop, self.chance, self.trace)
        tasks = self.chance.randint(6, 12) if self.crowded else self.chance.randint(2, 7)
        wishes = Wishes(self.partitions, self.broker, self.chance, crowded=self.crowded)
        self.client = Client(self.partitions, tasks, self.broker, self.chance, self.trace, self.loop, wishes)
        self.all: list[Process] = []
        self.living: list[Process] = []
        self.max_ahead_ms, self.max_behind_ms, self.steady = 8, 8, True
        self.lag_ms = 0
        self.healed = False

    def run(self) -> None:
        """Live through it, and be buried."""
        chance, loop = self.chance, self.loop
        active = chance.uniform(15, 45)
        for _ in range(self.size):
            loop.later(chance.uniform(0, 0.5), self.start)
        for _ in range(chance.randint(4, 22)):
            loop.later(chance.uniform(0, active), self.client.act)
        for _ in range(chance.choice((0, 6, 12, 18))):
            loop.later(chance.uniform(2, active), self.client.tell)
        if self.crowded:
            for _ in range(14):
                loop.later(chance.uniform(0, 5), self.client.act)
            for _ in range(chance.randint(1, 3)):
                loop.later(chance.uniform(1, active), at_a_cut, self)
        for _ in range(chance.choice((0, 1, 2, 3, 4, 6))):
            loop.later(chance.uniform(1, active), strike, self)
        if chance.random() < 0.35:
            drizzle(self, active)
        try:
            loop.run_to(active)
            self._heal()
            loop.run_to(active + QUIET_SECONDS)
        finally:
            self.end_ms = self.broker.now_ms()
            self.failures = [*loop.errors, *self._failed()]
            self.network.down_until = 0.0
            loop.publish([*self.all])

    def someone(self) -> Process:
        """A living process, or the last one there was."""
        return self.chance.choice(self.living or self.all[-1:])

    def start(self) -> None:
        """Start another process, unless there are enough."""
        if len(self.living) >= self.size:
            return
        name = f"ticker{len(self.all)}"
        self.trace.tell(f"{name} starts")
        process = Process(
            name,
            self.partitions,
            self.group,
            self.broker,
            self.network,
            self.loop,
            self.chance,
            self.trace,
            self.background_rate,
        )
        self.all.append(process)
        self.living.append(process)

    def kill(self, process: Process) -> None:
        """End a process without a word; the group finds out after a while."""
        process.kill()
        if process in self.living:
            self.living.remove(process)
        self.loop.later(SESSION_SECONDS, self.group.leave, process)

    def stop(self, process: Process) -> None:
        """Tell a process to stop."""
        process.stop()
        if process in self.living:
            self.living.remove(process)

    def stall(self, process: Process, seconds: float) -> None:
        """Let a process stand still; it leaves the group if that is long, and comes back."""
        process.stall(seconds)
        if seconds > SESSION_SECONDS:
            self.loop.later(SESSION_SECONDS, self._missed, process)
            self.loop.later(seconds + 0.5, self._again, process)

    def step_clock(self, process: Process, step: int) -> None:
        """Step the clock of a process."""
        if not self.healed:
            process.clock.ahead_ms += step
            self.steady = False
            self.max_ahead_ms = max(self.max_ahead_ms, process.clock.ahead_ms)
            self.max_behind_ms = max(self.max_behind_ms, -process.clock.ahead_ms)

    def tidy_logs(self) -> None:
        """Compact what is compacted, and drop events that have been applied, up to a point."""
        for partition in range(self.partitions):
            for topic in (TOPICS["ticker-state"], TOPICS["watermarks"]):
                log = self.broker.log(topic, partition)
                log.compact(self.chance.randint(0, log.stable))
            marks = [entry.value for entry in self.broker.log(TOPICS["watermarks"], partition).committed()]
            if marks and marks[-1]:
                log = self.broker.log(EVENTS, partition)
                log.start = self.chance.randint(log.start, decode_watermark(marks[-1]).next_offset)

    def _missed(self, process: Process) -> None:
        """The group has not heard of a process for a session, unless all was healed meanwhile."""
        if process.stalled_until > self.loop.time():
            self.group.leave(process)

    def _again(self, process: Process) -> None:
        if process in self.living:
            self.group.join(process)

    def _heal(self) -> None:
        self.trace.tell("all is healed")
        self.healed = True
        self.network.weather.clear()
        self.network.down_until = 0.0
        self.broker.slow_markers = 0.0
        self.broker.watchers.clear()
        for process in self.living:
            process.clock.ahead_ms = 0
            self.loop.go_on(process)
            self.loop.later(0.1, self._again, process)
        for _ in range(self.size):
            self.loop.later(0.2, self.start)

    def _failed(self) -> Iterator[BaseException]:
        for process in self.all:
            if process.main.done() and not process.main.cancelled() and (error := process.main.exception()):
                yield error


@contextmanager
def small() -> Generator[None]:
    """Cuts and budgets so small that they are met all the time; nothing is counted, and no memory kept."""
    sizes: list[tuple[Any, str, Any]] = [
        (background, "MAX_VISITS", 2),
        (background, "MAX_RUNS_A_TURN", 4),
        (background, "MAX_RUNS_A_VISIT", 3),
        (turns, "MAX_EVENTS", 4),
        (turns, "BACKGROUND_PAUSE_MS", 30),
        (records, "FINISHED_SECONDS", RETENTION_SECONDS),
        (records, "RECENT_EVENTS", RECENT),
        (gc, "freeze", _nothing),  # a thousand worlds in one process would all stay in memory
        (metrics, "count", _nothing),
        (metrics, "forget", _nothing),
    ]
    with ExitStack() as stack:
        for module, name, value in sizes:
            stack.enter_context(mock.patch.object(module, name, value))
        yield


def _nothing(*_: object) -> None:
    """Do nothing."""


def simulate(seed: int, *, trace: bool = False) -> World:
    """The world of a seed, lived through. To be called within `small()`."""
    world = World(seed, trace=trace)
    runs, size = world.most
    with mock.patch.multiple(turn, MAX_RUNS=runs, MAX_BYTES=size):
        world.run()
    return world
