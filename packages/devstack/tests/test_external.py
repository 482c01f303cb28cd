"""The user's own MongoDB is looked at before anything is started on it."""

from pathlib import Path

import pytest

from tasker_devstack import external
from tasker_devstack.external import require_mongodb
from tasker_devstack.mongod import mongod
from tasker_devstack.ports import HOST, free_port, until_listening
from tasker_devstack.process import Child
from tasker_devstack.trouble import Trouble


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(external, "ANSWER_MS", 500)


async def test_one_that_can_be_used(database: str) -> None:
    await require_mongodb(database)


@pytest.mark.parametrize("url", ["mongodb://me:secret@127.0.0.1:1/x", "mongodb://:/", "http://127.0.0.1:1/", "::"])
async def test_one_that_cannot_be_used_is_told_in_one_line(url: str) -> None:
    with pytest.raises(Trouble, match=r"can't be used .*: correct MONGODB_URL, or unset it") as told:
        await require_mongodb(url)
    assert "\n" not in str(told.value)
    assert "secret" not in str(told.value)


async def test_one_that_is_no_replica_set(tmp_path: Path) -> None:
    port = free_port()
    alone = Child("mongod", [mongod(), "--bind_ip", HOST, "--port", str(port), "--dbpath", str(tmp_path)])
    await alone.start()
    try:
        assert await until_listening(port, 30, alone)
        with pytest.raises(Trouble, match="is no replica set"):
            await require_mongodb(f"mongodb://{HOST}:{port}/tasker")
    finally:
        await alone.kill()
