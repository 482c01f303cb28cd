"""What is done to runs, on the whole system: tried again, cancelled, run again, backfilled, and redriven."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from datetime import timedelta
from typing import Any

import httpx

from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually
from tasker_runtime.clock import utc_now

NOBODY = "http://127.0.0.1:1/nobody-listens"
Json = dict[str, Any]


async def run_in(client: httpx.AsyncClient, run_id: str, *states: str) -> Json:
    async def look() -> Json | None:
        answer = await client.get(f"/runs/{run_id}")
        return answer.json() if answer.status_code == 200 and answer.json()["state"] in states else None

    return await eventually(look, f"the run {run_id} {' or '.join(states)}")


async def tasker(system: System, *arguments: str) -> list[str]:
    """The lines that the command `tasker` writes."""
    command = [sys.executable, "-m", "tasker_cli.main", "--url", system.api_url, *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
    async with asyncio.timeout(30):
        output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return output.decode().splitlines()


async def test_a_failing_run_waits_for_its_next_attempt_until_it_is_cancelled(system: System) -> None:
    async with system.client() as client:
        retry = {"max_attempts": 3, "initial": "PT10M", "jitter": 0}
        body = {"id": "fragile", "schedule": {"every": "P1D"}, "handler": "curl", "payload": NOBODY, "retry": retry}
        made = await client.post("/tasks", json=body | {"overlap": "queue_all"})
        assert (made.status_code, made.json()["retry"]["max_attempts"], made.json()["overlap"]) == (201, 3, "queue_all")
        patched = await client.patch("/tasks/fragile", json={"name": "Fragile"})
        assert (patched.json()["retry"]["initial"], patched.json()["overlap"]) == ("PT10M", "queue_all")

        run_id = (await client.post("/tasks/fragile/trigger")).json()["run_id"]
        waiting = await run_in(client, run_id, "retrying")
        assert (waiting["attempt"], waiting["error"]["kind"], waiting["attempts"]) == (1, "connect", [])
        assert waiting["retry_at"] > waiting["finished_at"]
        assert (await client.post(f"/runs/{run_id}/rerun")).status_code == 409

        assert (await client.post(f"/runs/{run_id}/cancel")).status_code == 200
        ended = await run_in(client, run_id, "cancelled")
        assert (ended["retry_at"], ended["started_at"], ended["payload"]) == (None, None, NOBODY)
        assert [(a["attempt"], a["outcome"]) for a in ended["attempts"]] == [(1, "failed")]

        async def shown() -> bool:  # the task follows its runs, a little later
            return (await client.get("/tasks/fragile")).json()["last_run"]["state"] == "cancelled"

        await eventually(shown, "the last run of the task as cancelled")
        assert (await client.post(f"/runs/{run_id}/cancel")).status_code == 409

        again = (await client.post(f"/runs/{run_id}/rerun", json={"payload": f"{NOBODY}/2"})).json()["run_id"]
        assert (await run_in(client, again, "retrying"))["payload"] == f"{NOBODY}/2"
        assert (await client.post("/tasks/fragile/cancel")).status_code == 200
        await run_in(client, again, "cancelled")


async def test_a_run_that_failed_for_good_is_redriven_by_the_command(system: System) -> None:
    async with system.client() as client:
        body = {"id": "once", "schedule": {"every": "P1D"}, "handler": "curl", "payload": NOBODY}
        assert (await client.post("/tasks", json=body)).status_code == 201
        run_id = (await client.post("/tasks/once/trigger", json={"payload": f"{NOBODY}/3"})).json()["run_id"]
        await run_in(client, run_id, "failed")

        (dead_letter,) = [json.loads(line) for line in await tasker(system, "dead-letters", "list", "--json")]
        found = (dead_letter["service"], dead_letter["run_id"], dead_letter["redrive"])
        assert found == ("executor", run_id, "run_again")
        (line,) = await tasker(system, "dead-letters", "redrive", dead_letter["id"])
        new = line.split(" runs again as ")[1].split(":")[0]
        assert (await run_in(client, new, "failed"))["payload"] == f"{NOBODY}/3"


async def test_past_times_are_backfilled_and_what_failed_of_them_again(system: System) -> None:
    start = (utc_now() - timedelta(hours=5)).replace(minute=30, second=0, microsecond=0)
    hours = {"start": start.isoformat(), "end": (start + timedelta(hours=3)).isoformat()}
    async with system.client() as client:
        body = {"id": "hourly", "schedule": {"cron": "0 * * * *"}, "handler": "curl", "payload": NOBODY}
        assert (await client.post("/tasks", json=body)).status_code == 201
        begun = await client.post("/tasks/hourly/backfills", json=hours)
        assert (begun.status_code, begun.json()["count"]) == (200, 3), begun.text

        async def of_state(state: str, least: int) -> list[Json] | None:
            found = (await client.get("/tasks/hourly/runs", params={"state": state})).json()["items"]
            return found if len(found) >= least else None

        failed = await eventually(lambda: of_state("failed", 3), "three failed runs")
        assert {run["kind"] for run in failed} == {"backfill"}
        await client.patch("/tasks/hourly", json={"handler": "default"})
        count = await client.post("/tasks/hourly/backfills", json={"only": "failed", "dry_run": True})
        assert (count.json()["event_id"], count.json()["count"]) == (None, 3)
        assert (await client.post("/tasks/hourly/backfills", json={"only": "failed"})).json()["count"] == 3
        good = await eventually(lambda: of_state("succeeded", 3), "three good runs")
        assert {run["nominal_at"] for run in good} == {run["nominal_at"] for run in failed}
        nothing = await client.post("/tasks/hourly/backfills", json={"only": "failed"})
        assert (nothing.json()["event_id"], nothing.json()["count"]) == (None, 0)
