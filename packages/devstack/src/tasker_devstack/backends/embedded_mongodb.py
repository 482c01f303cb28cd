"""The embedded MongoDB: `mongod` of the PATH or of the installed wheel, as a replica set of one."""

import importlib.util
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import quote_plus

from tasker_devstack.backends.certificates import CertificateFiles
from tasker_devstack.backends.embedded_backend import EmbeddedBackend
from tasker_devstack.backends.replica_set import REPLICA_SET, become_primary
from tasker_devstack.errors import DevstackError
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import HOST, until_listening

UP_SECONDS = 60
CACHE_GB = 0.75


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


@dataclass(frozen=True, slots=True)
class MongodSecurity:
    """What a mongod asks of its clients: TLS, and the login of its only user."""

    certificates: CertificateFiles
    username: str
    password: str = field(repr=False)

    def options(self, folder: Path) -> list[str]:
        """mongod's options. The key file is that of the members of the replica set, which there is one of."""
        key_file = folder / "members.key"
        if not key_file.exists():
            key_file.write_text(token_hex(64))
            key_file.chmod(stat.S_IRUSR)
        files = ["--tlsCertificateKeyFile", str(self.certificates.server), "--tlsCAFile", str(self.certificates.ca)]
        mode = ["--tlsMode", "requireTLS", "--tlsAllowConnectionsWithoutCertificates"]
        return [*mode, *files, "--keyFile", str(key_file)]


class EmbeddedMongodb(EmbeddedBackend):
    """One embedded mongod. `cache_gb`: how much of the data it keeps in memory, unpacked."""

    def __init__(
        self, folder: Path, port: int, *, security: MongodSecurity | None = None, cache_gb: float = CACHE_GB
    ) -> None:
        super().__init__(folder, port)
        self._security, self._cache_gb = security, cache_gb

    def url(self, database: str) -> str:
        """The URL of one database in it."""
        login, options = "", f"replicaSet={REPLICA_SET}"
        if (one := self._security) is not None:
            login, options = f"{quote_plus(one.username)}:{quote_plus(one.password)}@", f"{options}&authSource=admin"
        return f"mongodb://{login}{HOST}:{self._port}/{database}?{options}"

    async def start(self) -> None:
        """Start, become a replica set, and wait until writes are taken. Raises DevstackError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        is_new = not any(self._folder.iterdir())
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
            str(self._cache_gb),
            "--setParameter",
            "diagnosticDataCollectionEnabled=false",
            "--setParameter",  # a replica set of one has nobody to wait for
            "shutdownTimeoutMillisForSignaledShutdown=100",
        ]
        secured = [] if self._security is None else self._security.options(self._folder)
        self._child = ChildProcess("mongod", [mongod_path(), *options, *quiet, *secured])
        await self._child.start()
        ready = await until_listening(self._port, UP_SECONDS, self._child)
        if not ready or not await become_primary(self._port, **self._login(is_new)):
            await self._child.stop(1)
            raise DevstackError(f"mongod does not come up on port {self._port}:\n{self._child.last_output()[-1500:]}")

    def _login(self, is_new: bool) -> dict[str, Any]:
        """Until there is a user, whoever comes from this machine may initiate the replica set and make one."""
        if self._security is None:
            return {}
        user, password = self._security.username, self._security.password
        tls = {"tlsCAFile": str(self._security.certificates.ca)}
        if is_new:
            return {"options": tls, "new_user": (user, password)}
        return {"options": tls | {"username": user, "password": password}}
