"""The connection to a real MongoDB: transactions that start again, and bounds when it is away."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tasker_devstack.backends.embedded_mongodb import EmbeddedMongodb
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import TRIES, BulkWriteError, Mongo, PyMongoError, duplicate_key, session_id


@pytest_asyncio.fixture(loop_scope="session")
async def mongo(database: str) -> AsyncIterator[Mongo]:
    found = Mongo(MongoConnection(database))
    await found.database.create_collection("things")
    yield found
    found.close()


async def test_the_database_is_the_one_of_the_url(mongo: Mongo, database: str) -> None:
    assert f"/{mongo.database.name}?" in database
    assert await mongo.replica_set() == "rs0"
    await mongo.ping()


async def test_a_transaction_is_written_whole_or_not_at_all(mongo: Mongo) -> None:
    session = await mongo.session()

    async def broken() -> None:
        await mongo.database.things.insert_one({"_id": 1}, session=session)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await mongo.transaction(session, broken, lambda: None)
    assert await mongo.database.things.count_documents({}) == 0

    async def both() -> str:
        for number in (1, 2):
            await mongo.database.things.insert_one({"_id": number}, session=session)
        return "done"

    assert await mongo.transaction(session, both, lambda: None) == "done"
    assert await mongo.majority("things").count_documents({}) == 2
    await session.end_session()


async def test_after_a_write_conflict_a_transaction_starts_again(mongo: Mongo) -> None:
    await mongo.database.things.insert_one({"_id": 1, "n": 0})
    session, other, retries = await mongo.session(), await mongo.session(), list[int]()

    async def increment() -> None:
        await mongo.database.things.find_one({"_id": 1}, session=session)
        if not retries:  # somebody else is faster, the first time
            await mongo.database.things.update_one({"_id": 1}, {"$inc": {"n": 10}}, session=other)
        await mongo.database.things.update_one({"_id": 1}, {"$inc": {"n": 1}}, session=session)

    await mongo.transaction(session, increment, lambda: retries.append(1))
    assert retries == [1]
    assert (await mongo.database.things.find_one({"_id": 1}))["n"] == 11
    for one in (session, other):
        await one.end_session()


async def test_a_transaction_that_somebody_left_open_is_ended_by_its_session_s_id(mongo: Mongo) -> None:
    await mongo.database.things.insert_one({"_id": 1, "n": 0})
    left_open, session, tries = await mongo.session(), await mongo.session(), list[int]()
    left_open.start_transaction()
    await mongo.database.things.update_one({"_id": 1}, {"$inc": {"n": 1}}, session=left_open)

    async def update() -> None:
        await mongo.database.things.update_one({"_id": 1}, {"$inc": {"n": 10}}, session=session)

    with pytest.raises(PyMongoError):
        await mongo.transaction(session, update, lambda: tries.append(1))
    assert len(tries) == TRIES - 1
    await mongo.kill([session_id(left_open)])
    await mongo.transaction(session, update, lambda: None)
    assert (await mongo.database.things.find_one({"_id": 1}))["n"] == 10
    await session.end_session()


async def test_a_transaction_that_is_cancelled_anywhere_is_not_left_open(mongo: Mongo) -> None:
    """An abort that overtakes the operation which was under way would let that begin a new transaction."""
    session = await mongo.session()

    async def two() -> None:
        await mongo.database.things.find_one({"_id": 1}, session=session)
        await mongo.database.things.insert_one({"_id": object_id}, session=session)

    for turns in range(60):
        object_id = turns
        running = asyncio.create_task(mongo.transaction(session, two, lambda: None))
        for _ in range(turns % 6):
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert await open_transactions(mongo, session) == 0, turns
    await session.end_session()


async def open_transactions(mongo: Mongo, session: Any) -> int:
    stages = [{"$currentOp": {"idleSessions": True}}, {"$match": {"lsid.id": session.session_id["id"]}}]
    with_one = {"$match": {"transaction": {"$exists": True}}}
    return len(await mongo.client.admin.aggregate([*stages, with_one]).to_list(None))


async def test_a_document_that_stands_already_is_recognized(mongo: Mongo) -> None:
    await mongo.database.things.insert_one({"_id": 1})
    with pytest.raises(BulkWriteError) as raised:
        await mongo.database.things.insert_many([{"_id": 1}])
    assert duplicate_key(raised.value)


async def test_while_it_is_away_each_operation_ends_within_its_bound(mongod: EmbeddedMongodb) -> None:
    mongo = Mongo(MongoConnection(mongod.url("tasker")), seconds=0.5)
    await mongo.ping()
    await mongod.stop()
    async with asyncio.timeout(10):
        with pytest.raises(PyMongoError):
            await mongo.ping()
        with pytest.raises(PyMongoError), mongo.within(1):
            await mongo.database.things.find_one({})
    await mongod.start()
    async with asyncio.timeout(30):
        await mongo.ping()
    mongo.close()
