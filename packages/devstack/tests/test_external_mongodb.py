"""The user's own MongoDB is checked before anything is started on it."""

from pathlib import Path

import pytest

from tasker_devstack.backends.embedded_mongodb import mongod_path
from tasker_devstack.backends.external_mongodb import require_mongodb
from tasker_devstack.errors import DevstackError
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import HOST, free_port, until_listening

ANSWER_MS = 500


async def test_one_that_can_be_used(database: str) -> None:
    await require_mongodb(database)


@pytest.mark.parametrize(
    "url",
    [
        "mongodb://me:secret@127.0.0.1:1/x",
        "mongodb://me:secret/word@127.0.0.1:1/x",
        "mongodb+srv://me:the/secret@mongo.example.com/x",
        "mongodb://:/",
        "http://127.0.0.1:1/",
        "::",
    ],
)
async def test_one_that_cannot_be_used_is_told_in_one_line(url: str) -> None:
    with pytest.raises(DevstackError, match=r"can't be used .*: correct MONGODB_URL, or unset it") as error:
        await require_mongodb(url, ANSWER_MS)
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


async def test_one_that_is_no_replica_set(tmp_path: Path) -> None:
    port = free_port()
    alone = ChildProcess("mongod", [mongod_path(), "--bind_ip", HOST, "--port", str(port), "--dbpath", str(tmp_path)])
    await alone.start()
    try:
        assert await until_listening(port, 30, alone)
        with pytest.raises(DevstackError, match="is no replica set"):
            await require_mongodb(f"mongodb://{HOST}:{port}/tasker", ANSWER_MS)
    finally:
        await alone.kill()
