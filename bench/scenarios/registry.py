"""What is measured: each scenario brings its own tasks, and answers with stage → milliseconds."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.calls import curl, http
from bench.emission import due_at_once, rates
from bench.events import send, soon, until
from bench.execution import executor, hanging, logged_at_once
from bench.floor import round_trips
from bench.holding import held
from bench.kill import kill
from bench.log import Log, stages
from bench.outage import outage
from tasker_devstack.system import System
from tasker_runtime.clock import utc_now

Stages = dict[str, list[float]]
Scenario = Callable[[System, int], Awaitable[Stages]]
IDLE_SECONDS, IDLE_RATE, BURST = 60, 100, 10_000


async def floor(system: System, _scale: int) -> Stages:
    """A bare record through the same broker, to compare with."""
    return {"send → read": await round_trips(system.kafka, system.topic_prefix)}


async def idle(system: System, scale: int) -> Stages:
    """100 tasks due every second, for 60 seconds."""
    names, log = [f"idle-{n:04d}" for n in range(IDLE_RATE // scale)], Log(system)
    await send(system, ({"type": "put", "task": {"id": n, "schedule": {"cron": "* * * * * *"}}} for n in names))
    began, length = soon(5), timedelta(seconds=IDLE_SECONDS // scale)
    await until(began + length)
    await send(system, ({"type": "delete", "task_id": name} for name in names))
    count = len(names) * (IDLE_SECONDS // scale)
    runs = [r for r in await log.runs(began, count, 60) if at(r) < began + length]
    await log.close()
    complete(runs, count)
    return stages(runs)


async def burst(system: System, scale: int) -> Stages:
    """10,000 tasks due in the same second."""
    count, due, log = BURST // scale, soon(30 // scale + 10), Log(system)
    schedule = {"at": due.isoformat()}
    await send(system, ({"type": "put", "task": {"id": f"burst-{n:06d}", "schedule": schedule}} for n in range(count)))
    if utc_now() >= due:
        raise TimeoutError("the tasks were not saved before they were due: this machine is too slow for the scenario")
    await until(due)
    runs = await log.runs(due, count, 120)
    await log.close()
    complete(runs, count)
    return stages(runs)


SCENARIOS: dict[str, Scenario] = {
    "floor": floor,
    "idle": idle,
    "burst": burst,
    "curl": curl,
    "http": http,
    "rates": rates,
    "due-at-once": due_at_once,
    "held": held,
    "executor": executor,
    "logged-at-once": logged_at_once,
    "hanging": hanging,
    "kill": kill,
    "outage": outage,
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
    "outage": ("ticker",),
}
"""The services that a scenario needs; those not named need all."""


def at(run: dict[str, Any]) -> datetime:
    """The nominal time of a run."""
    return datetime.fromisoformat(run["nominal_at"]).astimezone(UTC)


def complete(runs: list[dict[str, Any]], count: int) -> None:
    """A figure of an incomplete run is none. Raises ValueError."""
    ids, bad = {run["id"] for run in runs}, [run for run in runs if run["state"] != "succeeded"]
    if len(ids) != count or len(runs) != count or bad:
        raise ValueError(f"{len(runs)} runs, {len(ids)} distinct, {len(bad)} not succeeded, expected {count}")
