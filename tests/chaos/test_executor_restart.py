"""The only executor is restarted beside runs that do not end: what is due in its partitions waits, and is in time."""

import asyncio
from datetime import UTC, datetime, timedelta

from tasker_core.messages.runs import RunFinished, RunStarted, decode_result
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually
from tasker_runtime.clock import SystemClock

TASKS = [f"steady-{n}" for n in range(24)]
CALLS = [f"call-{n}" for n in range(24)]
PROMISE = timedelta(seconds=10)


async def never_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()  # until the caller gives up
    writer.close()


async def test_what_is_due_while_it_drains_and_starts_is_in_time(system: System) -> None:
    async def results() -> list[RunStarted | RunFinished]:
        return [decode_result(record.value) for record in await system.records("results")]

    async def all_called() -> bool:
        return {run.task_id for run in await results() if isinstance(run, RunStarted)} >= set(CALLS)

    async def all_ended_since() -> list[RunFinished]:
        ended = [run for run in await results() if isinstance(run, RunFinished) and run.task_id in TASKS]
        later = {run.task_id for run in ended if datetime.fromisoformat(run.nominal_at) > back}
        return ended if later == set(TASKS) else []

    server = await asyncio.start_server(never_answer, "127.0.0.1", 0)
    call = {"url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"}
    async with server, system.client() as client:
        for task in TASKS:
            assert (await client.post("/tasks", json={"id": task, "schedule": {"every": "PT1S"}})).is_success
        for task in CALLS:
            about = {"id": task, "handler": "curl", "payload": call, "timeout": "PT5M", "schedule": {"manual": True}}
            assert (await client.post("/tasks", json=about)).is_success
            assert (await client.post(f"/tasks/{task}/trigger", json={})).is_success
        await eventually(all_called, "calls in all partitions")
        await system.restart("executor")
        back = datetime.fromtimestamp(SystemClock().now_ms() / 1000, UTC)
        ended = await eventually(all_ended_since, "runs after the restart", 30)
    late = max(datetime.fromisoformat(run.finished_at) - datetime.fromisoformat(run.nominal_at) for run in ended)
    assert late < PROMISE
