"""The whole system: many due at once, and a bare record to compare with."""

from typing import Any

from bench.measurement.kafka_round_trips import round_trips
from bench.measurement.run_log import RunLog, stage_delays
from bench.measurement.stages import Stages
from bench.measurement.task_events import send_events, soon, until
from tasker_devstack.isolated_system import System
from tasker_runtime.clock import utc_now

BURST = 10_000


async def floor(system: System, _scale: int) -> Stages:
    """A bare record through the same broker, to compare with."""
    return {"send → read": await round_trips(system.kafka, system.topic_prefix)}


async def burst(system: System, scale: int) -> Stages:
    """10,000 tasks due in the same second."""
    count, due, log = BURST // scale, soon(30 // scale + 10), RunLog(system)
    schedule = {"at": due.isoformat()}
    await send_events(
        system, ({"type": "put", "task": {"id": f"burst-{n:06d}", "schedule": schedule}} for n in range(count))
    )
    if utc_now() >= due:
        raise TimeoutError("the tasks were not saved before they were due: this machine is too slow for the scenario")
    await until(due)
    runs = await log.runs(due, count, 120)
    await log.close()
    _require_complete(runs, count)
    return stage_delays(runs)


def _require_complete(runs: list[dict[str, Any]], count: int) -> None:
    """A figure of an incomplete run is none. Raises ValueError."""
    ids, bad = {run["id"] for run in runs}, [run for run in runs if run["state"] != "succeeded"]
    if len(ids) != count or len(runs) != count or bad:
        raise ValueError(f"{len(runs)} runs, {len(ids)} distinct, {len(bad)} not succeeded, expected {count}")
