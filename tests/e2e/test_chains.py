"""Tasks that start one another, on the whole system: across partitions, past failures, and whoever dies meanwhile."""

import signal
from collections import Counter
from typing import Any

import httpx
import msgspec

from tasker_core.topics import PARTITIONS, partition_of
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually

NEVER = {"at": "2099-01-01T00:00:00Z"}
NOBODY = "http://127.0.0.1:1/nobody-listens"
Json = dict[str, Any]


async def create(client: httpx.AsyncClient, task: Json) -> Json:
    made = await client.post("/tasks", json={"schedule": NEVER} | task)
    assert made.status_code == 201, made.text
    return made.json()


async def started_by(client: httpx.AsyncClient, run_id: str, tasks: set[str]) -> dict[str, Json]:
    """The runs that a run has started, once these tasks have all succeeded."""

    async def look() -> dict[str, Json] | None:
        items = (await client.get("/runs", params={"after_run_id": run_id})).json()["items"]
        found = {run["task_id"]: run for run in items if run["state"] == "succeeded"}
        assert len(found) == len(items) or any(run["state"] in ("running", "retrying") for run in items), items
        return found if found.keys() == tasks else None

    return await eventually(look, f"{run_id} has started {tasks}", 60)


async def triggered(client: httpx.AsyncClient, task_id: str) -> str:
    answer = await client.post(f"/tasks/{task_id}/trigger")
    assert answer.status_code == 200, answer.text
    return answer.json()["run_id"]


async def test_a_chain_goes_on_across_partitions_and_branches_by_how_runs_end(system: System) -> None:
    async with system.client() as client:
        then = [{"task": "transform"}, {"task": "alarm", "on": "failed"}, {"task": "tidy", "on": "any"}]
        load = await create(client, {"id": "load", "then": then})
        assert load["missing_successors"] == ["transform", "alarm", "tidy"]
        for task in ("alarm", "tidy", "publish"):
            await create(client, {"id": task, "payload": {"of": task}})
        await create(client, {"id": "transform", "then": [{"task": "publish"}]})
        assert len({partition_of(task, PARTITIONS) for task in ("load", "transform", "publish")}) == 3

        first = await triggered(client, "load")
        started = await started_by(client, first, {"transform", "tidy"})
        run = started["transform"]
        assert (run["kind"], run["lane"], run["after"]["task_id"]) == ("chained", "live", "load")
        assert run["after"] | {"run_id": first, "outcome": "succeeded", "chain": ["load"]} == run["after"]
        before = (await client.get(f"/runs/{run['after']['run_id']}")).json()
        assert (before["state"], before["nominal_at"]) == ("succeeded", run["after"]["nominal_at"])
        (last,) = (await started_by(client, run["id"], {"publish"})).values()
        assert last["after"]["chain"] == ["load", "transform"]
        assert (await client.get(f"/runs/{last['id']}")).json()["payload"] == {"of": "publish"}
        entry = (await client.get(f"/journal/chain-{first}-transform")).json()
        assert (entry["verdict"], entry["run_id"], entry["event_type"]) == ("accepted", run["id"], "chain")
        assert f"after run {first} of load" in entry["note"]

        broken = await client.patch("/tasks/load", json={"handler": "curl", "payload": NOBODY})
        assert broken.status_code == 200, broken.text
        second = await triggered(client, "load")
        await started_by(client, second, {"alarm", "tidy"})

        refused = await client.patch("/tasks/publish", json={"then": [{"task": "load"}]})
        assert refused.status_code == 422, refused.text
        circle = {"pointer": "/then/0/task", "message": "closes a circle: publish → load → transform → publish"}
        assert refused.json()["errors"] == [circle]
        task = (await client.get("/tasks/transform")).json()
        assert (task["preceded_by"], task["then"]) == (
            [{"task": "load", "on": "succeeded"}],
            [{"task": "publish", "on": "succeeded"}],
        )

        await client.post("/tasks/tidy/pause")
        third = await triggered(client, "load")
        await started_by(client, third, {"alarm"})

        async def answered() -> Json | None:
            found = await client.get(f"/journal/chain-{third}-tidy")
            return found.json() if found.status_code == 200 else None

        entry = await eventually(answered, "the journal has it", 30)
        assert (entry["verdict"], "paused" in entry["errors"][0]["message"]) == ("rejected", True)


async def test_an_end_starts_what_follows_once_though_executor_and_ticker_are_killed(system: System) -> None:
    """The executor dies as soon as it has said what follows, and before it has noted that: it says so again."""
    async with system.client() as client:
        await create(client, {"id": "one", "then": [{"task": "two"}, {"task": "three", "on": "any"}]})
        for task in ("two", "three"):
            await create(client, {"id": task})
        runs = list[str]()

        async def events() -> Counter[str]:
            """How often each end was reported."""
            found = [msgspec.json.decode(record.value or b"") for record in await system.records("task-events")]
            return Counter(event["id"] for event in found if event["type"] == "chain")

        async def repeated() -> bool:
            known = len(await events())
            runs.extend([await triggered(client, "one") for _ in range(5)])

            async def more() -> bool:
                return len(await events()) > known

            await eventually(more, "an end is reported", 60)
            await system.restart("executor", signal.SIGKILL)
            if len(runs) == 5:
                await system.restart("ticker", signal.SIGKILL)
            await system.wait_ready()
            return max((await events()).values()) > 1

        await eventually(repeated, "an end was reported twice", 240)
        for run_id in runs:
            await started_by(client, run_id, {"two", "three"})
    emitted = Counter((run["task_id"], run["run_id"]) for run in await system.emitted_runs())
    assert set(emitted.values()) == {1}
    assert Counter(task for task, _ in emitted) == {"one": len(runs), "two": len(runs), "three": len(runs)}
