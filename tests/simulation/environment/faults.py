"""What goes wrong: a seeded plan of faults, and how each is done to a world."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.simulation.cluster.network import KINDS, Weather
from tests.simulation.environment.ticker_process import Process
from tests.simulation.environment.transaction_triggers import Moment, Strike, Trap

if TYPE_CHECKING:
    from tests.simulation.environment.world import World


def strike(world: "World") -> None:
    """Let one fault happen now."""
    (fault,) = world.chance.choices(tuple(_FAULTS), tuple(_FAULTS.values()))
    fault(world)


def drizzle(world: "World", until: float) -> None:
    """Let one commit in so many fail, all the time."""
    kind, odds = world.chance.choice(("late_end", "lost_answer", "lost_end")), world.chance.choice((0.03, 0.1, 0.2))
    world.trace.tell(f"fault: {kind} with odds {odds} for all")
    world.network.weather.append(Weather(kind, until, None, odds))


def at_a_cut(world: "World") -> None:
    """Strike an owner between two transactions of a burst, and often the next one when it goes on with the rest."""
    Trap(world, "cut", world.chance.choice((1, 1, 2, 3)), _in_the_middle)
    world.trace.tell("fault: a trap lies at a cut")


def _at_a_step(world: "World") -> None:
    moment: Moment = world.chance.choice(("open", "ending", "committed"))
    Trap(world, moment, world.chance.randint(1, 3), _in_the_middle)
    world.trace.tell(f"fault: a trap lies where a transaction is {moment}")


def _in_the_middle(world: "World", process: Process) -> None:
    chance = world.chance
    if chance.random() < 0.4:
        world.client.act()
    if chance.random() < 0.4:
        at_a_cut(world)
    strikes: tuple[Strike, ...] = (_kill, _stall, _stop, _clock)
    (strike,) = chance.choices(strikes, (5, 3, 1, 1))
    strike(world, process)


def _kill(world: "World", process: Process | None = None) -> None:
    process, back = process or world.someone(), world.chance.uniform(0.5, 15)
    world.trace.tell(f"fault: {process.name} is killed, another starts in {back:.1f} s")
    world.kill(process)
    world.loop.later(back, world.start)


def _blackout(world: "World") -> None:
    away = world.chance.uniform(8, 40)
    world.trace.tell(f"fault: every process is killed; back in {away:.1f} s")
    for process in list(world.living):
        world.kill(process)
    for _ in range(world.size):
        world.loop.later(away + world.chance.uniform(0, 2), world.start)


def _stop(world: "World", process: Process | None = None) -> None:
    process, back = process or world.someone(), world.chance.uniform(0.1, 10)
    world.trace.tell(f"fault: {process.name} is stopped gracefully, another starts in {back:.1f} s")
    world.stop(process)
    world.loop.later(back, world.start)


def _stall(world: "World", process: Process | None = None) -> None:
    process = process or world.someone()
    seconds = world.chance.choice((0.3, 1, 2.5, 4, 7, 13, 25)) * world.chance.uniform(0.7, 1.3)
    world.trace.tell(f"fault: {process.name} stands still for {seconds:.1f} s")
    world.stall(process, seconds)


def _outage(world: "World") -> None:
    seconds = world.chance.choice((1, 3, 6, 15, 30)) * world.chance.uniform(0.7, 1.3)
    world.trace.tell(f"fault: the broker is away for {seconds:.1f} s")
    world.network.down_until = world.loop.time() + seconds
    world.lag_ms = 3_000  # an owner with nothing to write does not notice before its next idle watermark


def _weather(world: "World") -> None:
    chance = world.chance
    kind, seconds = chance.choice(KINDS), chance.uniform(1, 8)
    whom = None if chance.random() < 0.3 else world.someone().name
    odds = chance.choice((0.1, 0.3, 0.8))
    if kind == "slow":
        world.lag_ms = max(world.lag_ms, 2_000)
    world.trace.tell(f"fault: {kind} with odds {odds} for {whom or 'all'} during {seconds:.1f} s")
    world.network.weather.append(Weather(kind, world.loop.time() + seconds, whom, odds))


def _rebalance(world: "World") -> None:
    world.trace.tell("fault: a rebalance")
    world.group.share_out()


def _clock(world: "World", process: Process | None = None) -> None:
    process, chance = process or world.someone(), world.chance
    step = chance.choice((500, 1500, 1900, 2500, 9000, 30_000)) * chance.choice((1, -1))
    world.trace.tell(f"fault: the clock of {process.name} is stepped by {step} ms")
    world.step_clock(process, step)
    world.loop.later(chance.uniform(1, 15), world.step_clock, process, -step)


def _retention(world: "World") -> None:
    world.trace.tell("fault: compaction and retention")
    world.tidy_logs()


_FAULTS: dict[Callable[["World"], None], int] = {
    _kill: 5, _blackout: 3, _stop: 3, _stall: 5, _outage: 2, _weather: 7, _rebalance: 4, _clock: 4, _retention: 2,
    at_a_cut: 3, _at_a_step: 3,
}  # fmt: skip
