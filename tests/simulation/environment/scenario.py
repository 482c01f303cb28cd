"""The course of a simulation: users and faults for a while, then all is healed and must come to rest."""

import gc
from collections.abc import Generator
from contextlib import contextmanager
from unittest import mock

from tasker_ticker import metrics
from tests.simulation.environment.faults import inject_at_burst_cut, inject_commit_faults, inject_fault
from tests.simulation.environment.simulation import Simulation

QUIET_SECONDS = 20
"""At the end: everything is healed, and all that is due must have been done."""


def simulate(seed: int, *, trace: bool = False) -> Simulation:
    """The simulation of a seed, run to its end. To be called within `without_side_effects()`."""
    simulation = Simulation(seed, trace=trace)
    active = simulation.chance.uniform(15, 45)
    _plan(simulation, active)
    try:
        simulation.loop.run_to(active)
        simulation.heal()
        simulation.loop.run_to(active + QUIET_SECONDS)
    finally:
        simulation.shut_down()
    return simulation


def _plan(simulation: Simulation, active: float) -> None:
    """Plan what happens in the first `active` seconds."""
    chance, loop, users = simulation.chance, simulation.loop, simulation.users
    for _ in range(simulation.size):
        loop.later(chance.uniform(0, 0.5), simulation.start)
    for _ in range(chance.randint(4, 22)):
        loop.later(chance.uniform(0, active), users.act)
    for _ in range(chance.choice((0, 6, 12, 18))):
        loop.later(chance.uniform(2, active), users.report_outcomes)
    for _ in range(chance.choice((0, 8, 16, 24))):
        loop.later(chance.uniform(2, active), users.report_ends)
    for _ in range(chance.choice((0, 0, 5, 10, 15))):
        loop.later(chance.uniform(2, active), users.defer_runs)
    for begin, number in ((1, 3), (active, chance.choice((2, 5, 8, 12)))):
        for _ in range(number):
            loop.later(chance.uniform(0, begin), users.change_calendar)
    if simulation.crowded:
        for _ in range(14):
            loop.later(chance.uniform(0, 5), users.act)
        for _ in range(chance.randint(1, 3)):
            loop.later(chance.uniform(1, active), inject_at_burst_cut, simulation)
    for _ in range(chance.choice((0, 1, 2, 3, 4, 6))):
        loop.later(chance.uniform(1, active), inject_fault, simulation)
    if chance.random() < 0.35:
        inject_commit_faults(simulation, active)


@contextmanager
def without_side_effects() -> Generator[None]:
    """Nothing is counted, and no memory frozen: thousands of simulations in one process would all stay in memory."""
    with (
        mock.patch.object(gc, "freeze", _nothing),
        mock.patch.object(metrics, "count", _nothing),
        mock.patch.object(metrics, "forget", _nothing),
    ):
        yield


def _nothing(*_: object) -> None:
    """Do nothing."""
