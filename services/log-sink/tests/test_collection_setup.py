"""The command that makes the collections: it waits for MongoDB, until it is a replica set, and for its indexes."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from tasker_core.documents.indexes import INDEXES
from tasker_devstack.backends.embedded_mongodb import mongod_path
from tasker_devstack.polling import eventually
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import HOST, free_port, until_listening
from tasker_log_sink.store.collection_setup import main

HELD_UP = "hangAfterStartingIndexBuild"


async def test_it_waits_until_mongodb_is_there_a_replica_set_and_done_with_indexes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    monkeypatch.setenv("MONGODB_URL", f"mongodb://{HOST}:{port}/tasker?replicaSet=rs0")
    options = ["--bind_ip", HOST, "--port", str(port), "--dbpath", str(tmp_path), "--replSet", "rs0"]
    options += ["--setParameter", "enableTestCommands=1"]  # to hold up the building of an index
    mongod = ChildProcess("mongod", [mongod_path(), *options])
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(HOST, port, directConnection=True)
    said = ""

    async def says(text: str) -> bool:
        nonlocal said
        said += capsys.readouterr().err
        return text in said

    async def index_listed() -> bool:
        return INDEXES["missed"][0].name in await client["tasker"]["missed"].index_information()

    making = asyncio.create_task(asyncio.to_thread(main, ["--wait", "100"]))
    try:
        await eventually(lambda: says("collections: waiting, for 9"), "a line that it waits")
        await mongod.start()
        assert await until_listening(port, 30, mongod)
        await eventually(lambda: says("MongoDB is no replica set"), "what is missing")
        members = [{"_id": 0, "host": f"{HOST}:{port}"}]
        await client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
        assert await making == 0
        assert set(INDEXES) <= set(await client["tasker"].list_collection_names())
        assert await asyncio.to_thread(main, []) == 0

        await client["tasker"]["missed"].drop_index(INDEXES["missed"][0].name)
        await client["tasker"]["missed"].insert_one({"task_id": "t"})
        await client.admin.command("configureFailPoint", HELD_UP, mode="alwaysOn")
        making = asyncio.create_task(asyncio.to_thread(main, ["--wait", "100"]))
        await eventually(index_listed, "an index in the making, which MongoDB lists as if it stood")
        assert await asyncio.to_thread(main, []) == 1
        assert await says(f"is still building the index missed.{INDEXES['missed'][0].name}, of 1")
        assert not making.done()
        await client.admin.command("configureFailPoint", HELD_UP, mode="off")
        assert await making == 0
    finally:
        await client.close()
        await mongod.kill()
