"""A Tasker with keys, as a person and a program see it; and that no key comes out of it anywhere."""

import shlex
import sys
from pathlib import Path

import httpx

from tasker_devstack.isolated_system import System
from tasker_devstack.paths import WEB
from tasker_devstack.topic_cleanup import delete_topics
from tasker_runtime.access.key_administration import create_key
from tasker_runtime.clock import utc_now
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo
from tests.e2e.browser_walk import walk

REVOKE = """
from pathlib import Path
from tasker_runtime.access.key_administration import revoke_key
revoke_key(Path({file!r}), {key!r})
"""


async def test_people_sign_in_and_out_and_no_key_comes_out(kafka: str, database: str, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    admin, viewer = create_key(keys, "root", "admin", utc_now()), create_key(keys, "vera", "viewer", utc_now())
    env = {"TASKER_API_KEYS_FILE": str(keys), "TASKER_LOG_LEVEL": "debug"}
    system = System(kafka, database, WEB / "dist", env=env)
    try:
        await system.start("api", "ticker", "log-sink")
        await _make_task(system, admin.text)
        revoke = shlex.join([sys.executable, "-c", REVOKE.format(file=str(keys), key=viewer.kept.id)])
        said = await walk(
            system, "browser_keys.mjs", {"ADMIN_KEY": admin.text, "VIEWER_KEY": viewer.text, "REVOKE": revoke}
        )
        written = [*await system.records("task-events", "verdicts", "ticker-state"), *await _documents(database)]
        metrics = await _metrics(system)
    finally:
        await system.stop()
    logs = "\n".join(system.log(service) for service in ("api", "ticker", "log-sink"))
    assert "keys read" in logs
    assert "root" in str(written), "who did it is written down"
    for place in (said, metrics, logs, str(written), keys.read_text()):
        for key in (admin.text, viewer.text):
            assert key.rpartition("_")[2] not in place
    await delete_topics(system.connection, system.topic_prefix)


async def _make_task(system: System, key: str) -> None:
    async with system.client() as client:
        task = {"name": "Kept", "schedule": {"every": "PT1H"}}
        answer = await client.put("/tasks/kept", json=task, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 201, answer.text


async def _documents(database: str) -> list[object]:
    mongo = Mongo(MongoConnection(database))
    try:
        names = await mongo.database.list_collection_names()
        return [one for name in names async for one in mongo.database[name].find({})]
    finally:
        mongo.close()


async def _metrics(system: System) -> str:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"http://127.0.0.1:{system.metrics_ports['api']}/metrics")).text
