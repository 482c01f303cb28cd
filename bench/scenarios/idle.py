"""An idle system: how late what is due starts and is logged, beside the bare floor; and what it costs to wait."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bench.measurement.cpu import CpuMeter
from bench.measurement.stages import Stages
from bench.measurement.task_events import send_events, soon, until
from bench.measurement.transactional_ticks import transactional_ticks
from bench.scenarios.emission import SECONDLY, puts
from bench.table import percentile
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo
from tasker_runtime.topic_setup import create_topics

RATES: Final = (1, 100, 1_000)
SECONDS: Final = {1: 120, 100: 60, 1_000: 60}
RESTING_SECONDS: Final = 30


async def idle(system: System, scale: int) -> Stages:
    """1, 100 and 1,000 tasks due every second: nominal to started and to logged, beside the bare floor, prepared."""
    found: Stages = {}
    floor_topics = f"{system.topic_prefix}f"
    await create_topics(system.connection, floor_topics, system.partitions)
    for rate in RATES:
        seconds = max(5, SECONDS[rate] // scale)
        floor = await transactional_ticks(system.kafka, floor_topics, rate, seconds, prepared=True)
        runs = await _runs(system, [f"idle-{rate}-{n:05d}" for n in range(rate)], seconds)
        found[f"{rate}/s, floor → committed reader"] = floor
        for stage in ("received_at", "started_at", "logged_at"):
            found[f"{rate}/s, nominal → {stage[:-3]}"] = [
                (run[stage] - run["nominal_at"]).total_seconds() * 1000 for run in runs
            ]
        started = found[f"{rate}/s, nominal → started"]
        ratios = (percentile(started, share) / percentile(floor, share) for share in (0.5, 0.99))
        print("\n{}/s: started is {:.2f} times the floor at p50, {:.2f} times at p99".format(rate, *ratios), flush=True)
    return found


async def resting(system: System, scale: int) -> Stages:
    """Nothing is due: what each process uses of a core."""
    seconds = max(5, RESTING_SECONDS // scale)
    await until(soon(10))  # what a start still has to do
    meter, ends = CpuMeter(), soon(seconds)
    await until(ends)
    spent = {name: used for name, used in meter.spent().items() if name != "bench"}
    parts = ", ".join(f"{name} {used / seconds:.1%}" for name, used in spent.items())
    print(f"\nof a core while nothing is due: {sum(spent.values()) / seconds:.1%} ({parts}) in {system.topic_prefix}")
    return {}


async def _runs(system: System, names: list[str], seconds: int) -> list[dict[str, Any]]:
    """The runs of so many whole seconds of tasks that are due each second. Raises ValueError, or AssertionError when
    some are not logged in time."""
    await send_events(system, puts(names, SECONDLY))
    began = soon(5)
    await until(began + timedelta(seconds=seconds))
    await send_events(system, ({"type": "delete", "task_id": name} for name in names))
    mongo, count = Mongo(MongoConnection(system.mongodb_url)), len(names) * seconds
    until_then = began.astimezone(UTC) + timedelta(seconds=seconds)
    wanted = {"task_id": {"$in": names}, "nominal_at": {"$gte": began, "$lt": until_then}}

    async def logged() -> bool:
        return await mongo.database.runs.count_documents(wanted | {"state": "succeeded"}) == count

    try:
        await eventually(logged, f"{count} runs in the log", 60)
        fields = dict.fromkeys(("nominal_at", "received_at", "started_at", "logged_at"), 1)
        found: list[dict[str, datetime]] = await mongo.database.runs.find(wanted, fields).to_list(None)
    finally:
        mongo.client.close()
    if len(found) != count:
        raise ValueError(f"{len(found)} runs, expected {count}")
    return found
