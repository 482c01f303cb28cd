"""A MongoDB that takes connections and does not answer: whoever reads is told so in time, one after another."""

import asyncio
import signal
import time

from tasker_api.testing.running_api import RunningApi
from tasker_devstack.backends.embedded_mongodb import EmbeddedMongodb

BOUND_SECONDS = 8.0
"""Two reads of 2 s, the one under way and the next, and time to spare on a busy machine."""


async def test_reads_of_single_tasks_end_in_time(kafka: str, topics: str, mongod: EmbeddedMongodb) -> None:
    api = RunningApi(kafka, topics, mongod.url("frozen"))
    await api.documents.indexes()
    await api.documents.task("stands")
    async with api.client() as client:
        assert (await client.get("/tasks/stands")).status_code == 200
        mongod.send(signal.SIGSTOP)
        began = time.monotonic()
        try:
            first = asyncio.create_task(client.get("/tasks/stands"))
            await asyncio.sleep(0)
            answers = await asyncio.gather(first, *(client.get(f"/tasks/other-{number}") for number in range(60)))
        finally:
            mongod.send(signal.SIGCONT)
        assert time.monotonic() - began < BOUND_SECONDS
        assert {answer.status_code for answer in answers} == {503}
        async with asyncio.timeout(20):
            while (await client.get("/tasks/stands")).status_code != 200:
                await asyncio.sleep(0.1)
    await api.close()
