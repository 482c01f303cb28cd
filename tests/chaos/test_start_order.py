"""Services start before what they need: they live, say what they wait for, and go on by themselves when it is there."""

from pathlib import Path

import httpx

from tasker_devstack.backends.embedded_kafka import EmbeddedKafka
from tasker_devstack.backends.embedded_mongodb import EmbeddedMongodb
from tasker_devstack.isolated_system import System
from tasker_devstack.paths import SERVICES
from tasker_devstack.polling import eventually
from tasker_devstack.processes.ports import HOST, free_port
from tasker_runtime.topic_setup import create_topics

TASK = {"id": "first", "schedule": {"cron": "* * * * * *"}}


async def answers(system: System, path: str) -> dict[str, int]:
    """What each service answers on its health port; 0: nothing."""
    found = dict[str, int]()
    async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
        for service, port in system.metrics_ports.items():
            try:
                found[service] = (await http.get(f"http://{HOST}:{port}{path}")).status_code
            except httpx.HTTPError:
                found[service] = 0
    return found


async def live_but_not_ready(system: System) -> bool:
    """Whether every service is so."""
    live, ready = await answers(system, "/healthz"), await answers(system, "/readyz")
    return set(live.values()) == {200} and set(ready.values()) == {503}


async def test_kafka_then_mongodb_then_topics_come_after_the_services(tmp_path: Path) -> None:
    kafka = EmbeddedKafka(tmp_path / "kafka", free_port(), short_lived=True)
    mongod = EmbeddedMongodb(tmp_path / "mongodb", free_port())
    system = System(kafka.bootstrap, mongod.url("tasker"))
    try:
        await system.start_processes()
        processes = {service: system.pid(service) for service in SERVICES}
        await eventually(lambda: live_but_not_ready(system), "they live without any backend", 60)

        await kafka.start()
        await mongod.start()
        assert 200 not in (await answers(system, "/readyz")).values(), "there are no topics yet"
        await eventually(lambda: live_but_not_ready(system), "they live without topics", 60)
        await create_topics(system.connection, system.topic_prefix, system.partitions)
        await system.wait_ready()
        assert {service: system.pid(service) for service in SERVICES} == processes, "none was started again"

        async with system.client(20) as client:
            assert (await client.post("/tasks", json=TASK)).status_code in (201, 202)

            async def logged() -> bool:
                answer = await client.get("/tasks/first/runs", params={"state": "succeeded"})
                return answer.status_code == 200 and len(answer.json()["items"]) >= 2

            await eventually(logged, "it runs and is logged", 30)
    finally:
        await system.stop()
        system.print_logs()
        await kafka.stop()
        await mongod.stop()
