"""Fault injection: what can go wrong, with which odds, and how each fault is injected into a simulation."""

from collections.abc import Callable

from tests.simulation.cluster.network import NETWORK_FAULTS, NetworkFault
from tests.simulation.environment.simulation import Simulation
from tests.simulation.environment.ticker_process import TickerProcess
from tests.simulation.environment.transaction_triggers import ProcessFault, TransactionTrigger, TriggerPoint


def inject_fault(simulation: Simulation) -> None:
    """Let one fault happen now."""
    (fault,) = simulation.chance.choices(tuple(_FAULTS), tuple(_FAULTS.values()))
    fault(simulation)


def inject_commit_faults(simulation: Simulation, until: float) -> None:
    """Let one commit in so many fail, all the time."""
    chance = simulation.chance
    kind, odds = chance.choice(("late_end", "lost_answer", "lost_end")), chance.choice((0.03, 0.1, 0.2))
    simulation.trace.add(f"fault: {kind} with odds {odds} for all")
    simulation.network.faults.append(NetworkFault(kind, until, None, odds))


def inject_at_burst_cut(simulation: Simulation) -> None:
    """Hit an owner between two transactions of a burst, and often the next one when it continues with the rest."""
    TransactionTrigger(simulation, "cut", simulation.chance.choice((1, 1, 2, 3)), _hit)
    simulation.trace.add("fault: a trigger waits for a cut")


def _inject_at_step(simulation: Simulation) -> None:
    point: TriggerPoint = simulation.chance.choice(("open", "ending", "committed"))
    TransactionTrigger(simulation, point, simulation.chance.randint(1, 3), _hit)
    simulation.trace.add(f"fault: a trigger waits for a transaction to be {point}")


def _hit(simulation: Simulation, process: TickerProcess) -> None:
    """Inject a fault into the process that a trigger has found."""
    chance = simulation.chance
    if chance.random() < 0.4:
        simulation.users.act()
    if chance.random() < 0.4:
        inject_at_burst_cut(simulation)
    faults: tuple[ProcessFault, ...] = (_kill, _stall, _stop, _step_clock)
    (fault,) = chance.choices(faults, (5, 3, 1, 1))
    fault(simulation, process)


def _kill(simulation: Simulation, process: TickerProcess | None = None) -> None:
    process, back = process or simulation.random_process(), simulation.chance.uniform(0.5, 15)
    simulation.trace.add(f"fault: {process.name} is killed, another starts in {back:.1f} s")
    simulation.kill(process)
    simulation.loop.later(back, simulation.start)


def _kill_all(simulation: Simulation) -> None:
    away = simulation.chance.uniform(8, 40)
    simulation.trace.add(f"fault: every process is killed; back in {away:.1f} s")
    for process in list(simulation.living):
        simulation.kill(process)
    for _ in range(simulation.size):
        simulation.loop.later(away + simulation.chance.uniform(0, 2), simulation.start)


def _stop(simulation: Simulation, process: TickerProcess | None = None) -> None:
    process, back = process or simulation.random_process(), simulation.chance.uniform(0.1, 10)
    simulation.trace.add(f"fault: {process.name} is stopped gracefully, another starts in {back:.1f} s")
    simulation.stop(process)
    simulation.loop.later(back, simulation.start)


def _stall(simulation: Simulation, process: TickerProcess | None = None) -> None:
    process = process or simulation.random_process()
    seconds = simulation.chance.choice((0.3, 1, 2.5, 4, 7, 13, 25)) * simulation.chance.uniform(0.7, 1.3)
    simulation.trace.add(f"fault: {process.name} stands still for {seconds:.1f} s")
    simulation.stall(process, seconds)


def _broker_outage(simulation: Simulation) -> None:
    seconds = simulation.chance.choice((1, 3, 6, 15, 30)) * simulation.chance.uniform(0.7, 1.3)
    simulation.trace.add(f"fault: the broker is away for {seconds:.1f} s")
    simulation.network.down_until = simulation.loop.time() + seconds
    simulation.lag_ms = 3_000  # an owner with nothing to write does not notice before its next idle watermark


def _network_fault(simulation: Simulation) -> None:
    chance = simulation.chance
    kind, seconds = chance.choice(NETWORK_FAULTS), chance.uniform(1, 8)
    process = None if chance.random() < 0.3 else simulation.random_process().name
    odds = chance.choice((0.1, 0.3, 0.8))
    if kind == "slow":
        simulation.lag_ms = max(simulation.lag_ms, 2_000)
    simulation.trace.add(f"fault: {kind} with odds {odds} for {process or 'all'} during {seconds:.1f} s")
    simulation.network.faults.append(NetworkFault(kind, simulation.loop.time() + seconds, process, odds))


def _rebalance(simulation: Simulation) -> None:
    simulation.trace.add("fault: a rebalance")
    simulation.group.rebalance()


def _step_clock(simulation: Simulation, process: TickerProcess | None = None) -> None:
    process, chance = process or simulation.random_process(), simulation.chance
    step = chance.choice((500, 1500, 1900, 2500, 9000, 30_000)) * chance.choice((1, -1))
    simulation.trace.add(f"fault: the clock of {process.name} is stepped by {step} ms")
    simulation.step_clock(process, step)
    simulation.loop.later(chance.uniform(1, 15), simulation.step_clock, process, -step)


def _lose_calendars(simulation: Simulation) -> None:
    process, seconds = simulation.random_process(), simulation.chance.uniform(0.1, 12)
    simulation.trace.add(f"fault: {process.name} can't read calendars for {seconds:.1f} s")
    simulation.lose_calendars(process, seconds)


def _compaction(simulation: Simulation) -> None:
    simulation.trace.add("fault: compaction and retention")
    simulation.compact_logs()


_FAULTS: dict[Callable[[Simulation], None], int] = {
    _kill: 5, _kill_all: 3, _stop: 3, _stall: 5, _broker_outage: 2, _network_fault: 7, _rebalance: 4, _step_clock: 4,
    _compaction: 2, _lose_calendars: 2, inject_at_burst_cut: 3, _inject_at_step: 3,
}  # fmt: skip
