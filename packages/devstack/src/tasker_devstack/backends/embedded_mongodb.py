"""The embedded MongoDB: `mongod` of the PATH or of the installed wheel, as a replica set of one."""

import asyncio
import importlib.util
import shutil
import stat
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from tasker_devstack.backends.embedded_backend import EmbeddedBackend
from tasker_devstack.errors import DevstackError
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import HOST, until_listening

REPLICA_SET = "rs0"
UP_SECONDS = 60
CACHE_GB = "0.75"
ALREADY_INITIALIZED = 23


def mongod_path() -> str:
    """The path of a mongod. Raises DevstackError."""
    if path := shutil.which("mongod"):
        return path
    package = importlib.util.find_spec("fiftyone")
    for folder in package.submodule_search_locations or () if package else ():
        binary = Path(folder) / "db" / "bin" / "mongod"
        if binary.exists():
            binary.chmod(binary.stat().st_mode | stat.S_IXUSR)
            return str(binary)
    raise DevstackError(
        "mongod is missing: install MongoDB (mongod on the PATH), or set MONGODB_URL to your replica set"
    )


class EmbeddedMongodb(EmbeddedBackend):
    """One embedded mongod."""

    def url(self, database: str) -> str:
        """The URL of one database in it."""
        return f"mongodb://{HOST}:{self._port}/{database}?replicaSet={REPLICA_SET}"

    async def start(self) -> None:
        """Start, become a replica set, and wait until writes are taken. Raises DevstackError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        options = [
            "--bind_ip",
            HOST,
            "--port",
            str(self._port),
            "--replSet",
            REPLICA_SET,
            "--dbpath",
            str(self._folder),
        ]
        quiet = [
            "--quiet",
            "--wiredTigerCacheSizeGB",
            CACHE_GB,
            "--setParameter",
            "diagnosticDataCollectionEnabled=false",
            "--setParameter",  # a replica set of one has nobody to wait for
            "shutdownTimeoutMillisForSignaledShutdown=100",
        ]
        self._child = ChildProcess("mongod", [mongod_path(), *options, *quiet])
        await self._child.start()
        if not await until_listening(self._port, UP_SECONDS, self._child) or not await self._become_primary():
            await self._child.stop(1)
            raise DevstackError(f"mongod does not come up on port {self._port}:\n{self._child.last_output()[-1500:]}")

    async def _become_primary(self) -> bool:
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            HOST, self._port, directConnection=True, serverSelectionTimeoutMS=5_000
        )
        try:
            members: list[dict[str, Any]] = [{"_id": 0, "host": f"{HOST}:{self._port}"}]
            try:
                await client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
            except OperationFailure as error:
                if error.code != ALREADY_INITIALIZED:
                    raise
                await self._move_to_this_port(client, members)
            async with asyncio.timeout(UP_SECONDS):
                while not (await client.admin.command("hello"))["isWritablePrimary"]:
                    await asyncio.sleep(0.1)
        except (PyMongoError, TimeoutError):
            return False
        finally:
            await client.close()
        return True

    @staticmethod
    async def _move_to_this_port(client: "AsyncMongoClient[dict[str, Any]]", members: list[dict[str, Any]]) -> None:
        """A folder that was last used on another port: the replica set is given the new one."""
        config = (await client.admin.command("replSetGetConfig"))["config"]
        if config["members"][0]["host"] != members[0]["host"]:
            config |= {"members": members, "version": config["version"] + 1}
            await client.admin.command("replSetReconfig", config, force=True)
