"""The scenarios by name."""

from collections.abc import Awaitable, Callable

from bench.measurement.stages import Stages
from bench.scenarios.creates import create_rates, creates
from bench.scenarios.emission import due_at_once, rates
from bench.scenarios.execution import executor, hanging, logged_at_once, logged_steadily
from bench.scenarios.held_tasks import held
from bench.scenarios.http_calls import curl, http
from bench.scenarios.idle import idle, resting
from bench.scenarios.many_tasks import many_tasks
from bench.scenarios.outage import outage
from bench.scenarios.takeover import takeover
from bench.scenarios.ticker_kills import kill
from bench.scenarios.whole_system import burst, floor
from tasker_devstack.isolated_system import System

Scenario = Callable[[System, int], Awaitable[Stages]]
"""It gets a fresh system and a scale: 1 for the full size, 10 for a tenth."""

SCENARIOS: dict[str, Scenario] = {
    "floor": floor,
    "idle": idle,
    "resting": resting,
    "burst": burst,
    "curl": curl,
    "http": http,
    "rates": rates,
    "due-at-once": due_at_once,
    "held": held,
    "executor": executor,
    "logged-at-once": logged_at_once,
    "logged-steadily": logged_steadily,
    "hanging": hanging,
    "kill": kill,
    "takeover": takeover,
    "outage": outage,
    "many-tasks": many_tasks,
    "creates": creates,
    "create-rates": create_rates,
}
SERVICES = {
    "floor": ("ticker",),
    "executor": ("log-sink",),
    "curl": ("ticker", "executor", "log-sink"),
    "http": ("ticker", "executor", "log-sink"),
    "rates": ("ticker",),
    "due-at-once": ("ticker",),
    "held": ("ticker",),
    "kill": ("ticker",),
    "takeover": ("ticker",),
    "outage": ("ticker",),
    "many-tasks": ("ticker", "log-sink", "api"),
}
"""The services that a scenario needs; those not named need all."""
