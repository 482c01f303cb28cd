"""Handlers that others wrote: plug-ins in Tasker's executor, and an executor of somebody's own, in Java."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tasker.task_event_producer import TaskEventProducer
from tasker_core.messages.runs import decode_result
from tasker_devstack.backends.embedded_kafka import java_path
from tasker_devstack.backends.maven import make_with_maven
from tasker_devstack.isolated_system import System
from tasker_devstack.paths import ROOT
from tasker_devstack.polling import eventually
from tasker_devstack.processes.child_process import ChildProcess

JAVA = ROOT / "examples" / "java-executor"
SOURCE = JAVA / "src" / "main" / "java" / "tasker" / "example" / "GreetExecutor.java"
SOON = {"every": "PT1S", "max_runs": 3}


async def listed_handler(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    """The handler as the API lists it, as soon as it does."""

    async def look() -> dict[str, Any] | None:
        items = (await client.get("/handlers")).json()["items"]
        return next((item for item in items if item["name"] == name), None)

    return await eventually(look, f"the handler {name} is listed")


async def runs_of(client: httpx.AsyncClient, task: str, count: int) -> list[dict[str, Any]]:
    """The runs of a task in full, once there are so many that are over."""

    async def look() -> list[dict[str, Any]] | None:
        items = (await client.get("/runs", params={"task_id": task, "limit": 200})).json()["items"]
        over = [item for item in items if item["finished_at"] is not None]
        return over if len(over) >= count else None

    found = await eventually(look, f"{count} runs of {task}", 40)
    return [(await client.get(f"/runs/{run['id']}")).json() for run in found]


async def test_a_plug_in_runs_in_the_real_executor(system: System) -> None:
    async with system.client() as client:
        listed = await listed_handler(client, "example-greet")
        assert (listed["description"], listed["group"]) == ("Greets somebody.", f"{system.topic_prefix}-executor")
        assert listed["payload_schema"]["required"] == ["name"]
        task = {"id": "greets", "schedule": SOON, "handler": "example-greet", "payload": {"name": "Ada"}}
        primes = {"id": "primes", "schedule": SOON, "handler": "example-primes", "payload": {"below": 1000}}
        for body in (task, primes):
            answer = await client.post("/tasks", json=body)
            assert answer.status_code == 201, answer.text
        for run in await runs_of(client, "greets", 3):
            assert (run["state"], run["result"]) == ("succeeded", {"greeting": "Hello, Ada!"})
        assert {run["result"]["primes"] for run in await runs_of(client, "primes", 3)} == {168}


async def test_tasks_with_unknown_handlers_and_wrong_payloads_are_rejected_however_they_come(system: System) -> None:
    wrong = {"id": "wrong", "schedule": SOON, "handler": "example-greet", "payload": {"name": ""}}
    unknown = {"id": "unknown", "schedule": SOON, "handler": "teleport"}
    async with (
        system.client() as client,
        TaskEventProducer(system.kafka, topic=f"{system.topic_prefix}.task-events") as events,
    ):
        await listed_handler(client, "example-greet")
        for body, place in ((wrong, "/payload/name"), (unknown, "/handler")):
            answer = await client.post("/tasks", json=body)
            assert answer.status_code == 422, answer.text
            assert [error["pointer"] for error in answer.json()["errors"]] == [place]
            event_id = await events.put(body)

            async def verdict(event_id: str = event_id) -> dict[str, Any] | None:
                answer = await client.get(f"/journal/{event_id}")
                return answer.json() if answer.status_code == 200 else None

            found = await eventually(verdict, "the verdict")
            assert (found["verdict"], [error["pointer"] for error in found["errors"]]) == ("rejected", [place])


async def built() -> str:
    """The class path of the example, compiled if it is not yet."""
    target = JAVA / "target"
    await make_with_maven(target, JAVA / "pom.xml", ["compile"], sources=[SOURCE])
    return f"{target / 'classes'}:{target / 'lib'}/*"


@asynccontextmanager
async def java_executor(system: System) -> AsyncGenerator[ChildProcess]:
    """The example as it would be started by hand."""
    env = {"KAFKA_BOOTSTRAP_SERVERS": system.kafka, "TASKER_TOPIC_PREFIX": system.topic_prefix}
    options = ("-Xmx128m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
    program = ChildProcess("java", [java_path(), *options, "-cp", await built(), "tasker.example.GreetExecutor"], env)
    await program.start()
    try:
        yield program
    finally:
        await program.stop()
        sys.stdout.write(f"--- java\n{program.last_output()}\n")


async def test_an_executor_in_java_does_its_runs_and_tasker_leaves_them_alone(system: System) -> None:
    async with java_executor(system), system.client() as client:
        assert (await listed_handler(client, "java-greet"))["group"] == f"{system.topic_prefix}-java-greeters"
        task = {"id": "java", "schedule": SOON, "handler": "java-greet", "payload": {"name": "Duke"}}
        wrong = await client.post("/tasks", json=task | {"payload": {"name": 1}})
        assert [error["pointer"] for error in wrong.json()["errors"]] == ["/payload/name"]
        answer = await client.post("/tasks", json=task)
        assert answer.status_code == 201, answer.text
        runs = await runs_of(client, "java", 3)
        refused = await client.post("/tasks/java/trigger", json={"payload": {"no": "name"}})
        assert [error["pointer"] for error in refused.json()["errors"]] == ["/payload"]
        triggered = await client.post("/tasks/java/trigger", json={"payload": {"name": "Nobody"}})
        run_id = triggered.json()["run_id"]
        failed = next(run for run in await runs_of(client, "java", 4) if run["id"] == run_id)
    emitted = [run for run in await system.emitted_runs() if run["task_id"] == "java"]
    assert len(emitted) == 4
    assert {run["id"] for run in runs} <= {run["run_id"] for run in emitted}
    for run in runs:
        assert (run["state"], run["attempts"]) == ("succeeded", [])
        assert run["result"]["greeting"] == "Hello, Duke!"
        assert run["worker"].startswith("java-")
    assert (failed["state"], failed["error"]["kind"]) == ("failed", "nobody")
    run_ids = await results_of(system, "java")
    assert sorted(run_ids) == sorted(run["run_id"] for run in emitted), "each run has ended once, and only in Java"


async def results_of(system: System, task: str) -> list[str]:
    """The run ids in `results` of a task, each as often as it is there."""
    results = [decode_result(record.value or b"") for record in await system.records("results")]
    return [result.run_id for result in results if result.task_id == task]
