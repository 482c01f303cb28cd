"""One simulation: processes, broker, network and users, all from one seed."""

from collections.abc import Iterator
from random import Random

from tasker_core.messages.watermark import decode_watermark
from tests.simulation.cluster.broker import SimulatedBroker
from tests.simulation.cluster.group_coordinator import GroupCoordinator
from tests.simulation.cluster.network import Network
from tests.simulation.environment.epochs import EPOCHS
from tests.simulation.environment.ticker_process import SESSION_SECONDS, TOPICS, TickerProcess
from tests.simulation.environment.users import EVENTS, SimulatedUsers
from tests.simulation.environment.workload import Workload
from tests.simulation.limits import simulated_limits
from tests.simulation.trace import Trace
from tests.simulation.virtual_loop import VirtualLoop


class Simulation:
    """`max_ahead_ms` is how far any clock has been ahead of the broker's, `max_behind_ms` behind.

    `lag_ms`: how late a fetch may have been. `calendars_unread`: whether some process could not read them for a while,
    and went on by what it knew. `steady`: no clock was stepped. `crowded`: one partition with many tasks
    that are due all the time, and owners that are hit in the middle of a burst. `size`: how many processes there are.
    """

    def __init__(self, seed: int, *, trace: bool = False) -> None:
        self.seed, self.chance, self.loop = seed, Random(seed), VirtualLoop()
        self.trace = Trace(trace, self.loop.time)
        self.crowded = self.chance.random() < 0.3
        self.partitions = 1 if self.crowded else self.chance.choice((1, 2, 2, 3))
        self._limits = simulated_limits(self.chance.choice((1, 2, 2, 3)), self.chance.choice((1 << 20, 1 << 20, 1_000)))
        self.size = self.chance.choice((1, 2, 2, 3))
        self.background_rate = self.chance.choice((8, 20))
        self.epoch = self.chance.choice(EPOCHS)
        self.broker = SimulatedBroker(self.loop, self.chance, self.epoch.second)
        self.network = Network(self.loop, self.chance, self.trace.add)
        self.group = GroupCoordinator(self.partitions, self.loop, self.chance, self.trace)
        tasks = self.chance.randint(6, 12) if self.crowded else self.chance.randint(2, 7)
        zone = self.epoch.zone
        workload = Workload(self.partitions, tasks, self.broker, self.chance, zone, crowded=self.crowded)
        self.users = SimulatedUsers(self.partitions, tasks, self.broker, self.chance, self.trace, self.loop, workload)
        self.all: list[TickerProcess] = []
        self.living: list[TickerProcess] = []
        self.max_ahead_ms, self.max_behind_ms, self.steady = 8, 8, True
        self.lag_ms = 0
        self.calendars_unread = False
        self.end_ms = 0
        self.failures: list[BaseException] = []
        self._healed = False

    def random_process(self) -> TickerProcess:
        """A living process, or the last one there was."""
        return self.chance.choice(self.living or self.all[-1:])

    def start(self) -> None:
        """Start another process, unless there are enough."""
        if len(self.living) >= self.size:
            return
        name = f"ticker{len(self.all)}"
        self.trace.add(f"{name} starts")
        process = TickerProcess(
            name,
            self.partitions,
            self.group,
            self.broker,
            self.network,
            self.loop,
            self.chance,
            self.trace,
            self.background_rate,
            self._limits,
        )
        self.all.append(process)
        self.living.append(process)

    def kill(self, process: TickerProcess) -> None:
        """End a process without notice; the group finds out after a while."""
        process.kill()
        if process in self.living:
            self.living.remove(process)
        self.loop.later(SESSION_SECONDS, self.group.leave, process)

    def stop(self, process: TickerProcess) -> None:
        """Let a process stop gracefully."""
        process.stop()
        if process in self.living:
            self.living.remove(process)

    def stall(self, process: TickerProcess, seconds: float) -> None:
        """Let a process stand still; it leaves the group if that is long, and comes back."""
        process.stall(seconds)
        if seconds > SESSION_SECONDS:
            self.loop.later(SESSION_SECONDS, self._session_over, process)
            self.loop.later(seconds + 0.5, self._rejoin, process)

    def step_clock(self, process: TickerProcess, step: int) -> None:
        """Step the clock of a process."""
        if not self._healed:
            process.clock.ahead_ms += step
            self.steady = False
            self.max_ahead_ms = max(self.max_ahead_ms, process.clock.ahead_ms)
            self.max_behind_ms = max(self.max_behind_ms, -process.clock.ahead_ms)

    def lose_calendars(self, process: TickerProcess, seconds: float) -> None:
        """Let a process read calendars no more, and after a while all of them again."""
        self.calendars_unread = True
        process.read_calendars_again(seconds)

    def compact_logs(self) -> None:
        """Compact what is compacted, and delete events that have been applied, up to some offset."""
        for partition in range(self.partitions):
            for topic in (TOPICS["ticker-state"], TOPICS["watermarks"], TOPICS["chains"], TOPICS["calendars"]):
                log = self.broker.log(topic, partition)
                log.compact(self.chance.randint(0, log.stable))
            marks = [entry.value for entry in self.broker.log(TOPICS["watermarks"], partition).committed()]
            if marks and marks[-1]:
                log = self.broker.log(EVENTS, partition)
                log.start = self.chance.randint(log.start, decode_watermark(marks[-1]).next_offset)

    def heal(self) -> None:
        """End all faults, and start what is missing."""
        self.trace.add("all is healed")
        self._healed = True
        self.network.faults.clear()
        self.network.down_until = 0.0
        self.broker.slow_markers = 0.0
        self.broker.observers.clear()
        for process in self.living:
            process.clock.ahead_ms = 0
            self.loop.resume(process)
            self.loop.later(0.1, self._rejoin, process)
        for _ in range(self.size):
            self.loop.later(0.2, self.start)

    def shut_down(self) -> None:
        """Note how it ended, and end every process."""
        self.end_ms = self.broker.now_ms()
        self.failures = [*self.loop.errors, *self.trace.errors, *self._process_errors()]
        self.network.down_until = 0.0
        self.loop.shut_down([*self.all])

    def _session_over(self, process: TickerProcess) -> None:
        """The group has not heard of a process for a session, unless all was healed meanwhile."""
        if process.stalled_until > self.loop.time():
            self.group.leave(process)

    def _rejoin(self, process: TickerProcess) -> None:
        if process in self.living:
            self.group.join(process)

    def _process_errors(self) -> Iterator[BaseException]:
        for process in self.all:
            if process.main.done() and not process.main.cancelled() and (error := process.main.exception()):
                yield error
