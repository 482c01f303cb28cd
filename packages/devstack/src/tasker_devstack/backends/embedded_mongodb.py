"""The embedded MongoDB: `mongod` of the PATH or of the installed wheel, as a replica set of one."""

import importlib.util
import shutil
import stat
from pathlib import Path

from tasker_devstack.backends.embedded_backend import EmbeddedBackend
from tasker_devstack.backends.replica_set import REPLICA_SET, become_primary
from tasker_devstack.errors import DevstackError
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import HOST, until_listening

UP_SECONDS = 60
CACHE_GB = "0.75"


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
        if not await until_listening(self._port, UP_SECONDS, self._child) or not await become_primary(self._port):
            await self._child.stop(1)
            raise DevstackError(f"mongod does not come up on port {self._port}:\n{self._child.last_output()[-1500:]}")
