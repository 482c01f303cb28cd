"""The web UI in a real browser, on the whole system."""

from typing import Any

from aiokafka import AIOKafkaProducer

from tasker_devstack.isolated_system import System
from tests.e2e.browser_walk import walk


async def test_a_person_creates_watches_edits_pauses_and_deletes_a_task(system: System) -> None:
    plain: Any = AIOKafkaProducer(bootstrap_servers=system.kafka)
    async with plain as producer:
        await producer.send_and_wait(f"{system.topic_prefix}.task-events", b"not an event", key=b"heartbeat")
    await walk(system, "browser.mjs")
