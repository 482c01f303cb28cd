"""A task that fails too often in a row pauses itself, on the whole system, whoever dies meanwhile."""

import signal
from typing import Any

import httpx

from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually

NOBODY = "http://127.0.0.1:1/nobody-listens"
Json = dict[str, Any]


async def create(client: httpx.AsyncClient, task: Json) -> Json:
    made = await client.post(
        "/tasks", json={"handler": "curl", "payload": NOBODY, "max_consecutive_failures": 3} | task
    )
    assert made.status_code == 201, made.text
    return made.json()


async def fails(client: httpx.AsyncClient, task_id: str) -> Json:
    """Trigger a run, and wait for its end. The trigger's own verdict, with the task as it was then."""
    answer = await client.post(f"/tasks/{task_id}/trigger")
    assert answer.status_code == 200, answer.text

    async def failed() -> bool:
        run = await client.get(f"/runs/{answer.json()['run_id']}")
        return run.status_code == 200 and run.json()["state"] == "failed"

    await eventually(failed, f"the run of {task_id} has failed", 60)
    return (await client.get(f"/journal/{answer.json()['event_id']}")).json()


async def paused(client: httpx.AsyncClient, task_id: str) -> Json:
    """The task, once it is paused."""

    async def look() -> Json | None:
        task = (await client.get(f"/tasks/{task_id}")).json()
        return task if task["state"] == "paused" else None

    return await eventually(look, f"{task_id} is paused", 60)


async def test_three_failures_pause_a_task_though_executor_and_ticker_die_between_them(system: System) -> None:
    async with system.client() as client:
        made = await create(client, {"id": "daily", "schedule": {"every": "P1D"}})
        assert (made["max_consecutive_failures"], made["pause"]) == (3, None)
        await fails(client, "daily")
        await system.restart("executor", signal.SIGKILL)
        await fails(client, "daily")
        await system.restart("executor", signal.SIGKILL)
        await system.restart("ticker", signal.SIGKILL)
        await system.wait_ready()
        assert (await client.get("/tasks/daily")).json()["state"] == "active"
        await fails(client, "daily")
        task = await paused(client, "daily")
        pause = task["pause"]
        assert (pause["by"], task["next_at"]) == ("tasker", None)
        assert pause["note"].startswith("paused after 3 failures in a row; the last one: connect: "), pause

        again = await client.post("/tasks/daily/resume")
        assert (again.json()["state"], again.json()["pause"]) == ("active", None)
        await system.restart("executor")
        verdicts = [await fails(client, "daily") for _ in range(3)]
        # before a trigger is answered, the ticker has read how the run before it ended
        assert [verdict["task"]["paused"] for verdict in verdicts] == [False, False, False]
        assert (await paused(client, "daily"))["pause"]["at"] > pause["at"]


async def test_a_task_that_is_due_every_second_is_due_no_more(system: System) -> None:
    async with system.client() as client:
        await create(client, {"id": "often", "schedule": {"cron": "* * * * * *"}})
        task = await paused(client, "often")
        entry = next(run for run in (await client.get("/runs", params={"task_id": "often"})).json()["items"])
        assert entry["state"] == "failed"
    emitted = [run["nominal_at"] for run in await system.emitted_runs() if run["task_id"] == "often"]
    assert len(emitted) >= 3
    assert max(emitted) <= task["pause"]["at"]
