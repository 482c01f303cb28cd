"""The command that makes the collections: it waits for MongoDB, and until it is a replica set."""

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


async def test_it_waits_until_mongodb_is_there_and_a_replica_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    monkeypatch.setenv("MONGODB_URL", f"mongodb://{HOST}:{port}/tasker?replicaSet=rs0")
    options = ["--bind_ip", HOST, "--port", str(port), "--dbpath", str(tmp_path), "--replSet", "rs0"]
    mongod = ChildProcess("mongod", [mongod_path(), *options])
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(HOST, port, directConnection=True)
    said = ""

    async def says(text: str) -> bool:
        nonlocal said
        said += capsys.readouterr().err
        return text in said

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
    finally:
        await client.close()
        await mongod.kill()
