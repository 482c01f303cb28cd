"""An API of a new release is ready when the indexes of its release are: until then its lists would be refused."""

import asyncio

import httpx

from tasker_api.server.index_check import CHECK, IndexCheck
from tasker_api.testing.running_api import RunningApi
from tasker_api.testing.served_api import ServedApi
from tasker_devstack.polling import eventually
from tasker_devstack.processes.ports import free_port
from tasker_runtime.health import Health
from tasker_runtime.mongo import PyMongoError, missing_indexes
from tasker_runtime.testing import RecordedLog


async def test_indexes_are_missing_while_they_or_their_collection_are(
    api: RunningApi, client: httpx.AsyncClient
) -> None:
    await api.mongo.database["tasks"].drop_index("of_tag")
    await api.mongo.database.drop_collection("missed")
    missed = [f"missed.{name}" for name in ("by_time", "of_task", "of_reason", "retention")]
    assert await missing_indexes(api.mongo) == ["tasks.of_tag", *missed]
    assert (await client.get("/tasks?tag=a")).status_code == 503, "what it would answer"
    await api.documents.indexes()
    assert await missing_indexes(api.mongo) == []
    assert (await client.get("/tasks?tag=a")).status_code == 200


async def test_an_api_is_ready_once_they_are_there(kafka: str, topics: str, database: str) -> None:
    api = RunningApi(kafka, topics, database)
    await api.documents.indexes()
    await api.mongo.database["tasks"].drop_index("of_tag")
    server = ServedApi(api, free_port())

    async def says_what_it_waits_for() -> bool:
        return "tasks.of_tag" in api.health.report().checks[CHECK]

    async def is_ready() -> bool:
        return api.health.report().ready

    try:
        await eventually(says_what_it_waits_for, "it says what it waits for")
        assert not await is_ready()
        await api.documents.indexes()
        await eventually(is_ready, "the index is there")
    finally:
        await server.stop()


async def test_it_looks_until_they_are_there_and_never_again() -> None:
    answers: list[list[str] | PyMongoError] = [PyMongoError("nobody"), ["tasks.of_tag", "tasks.of_word"], []]

    async def missing() -> list[str]:
        if isinstance(answer := answers.pop(0), PyMongoError):
            raise answer
        return answer

    health, log = Health(), RecordedLog()
    async with asyncio.timeout(10):
        await IndexCheck(missing, health, log).run()
    assert health.report().ready
    assert not answers
