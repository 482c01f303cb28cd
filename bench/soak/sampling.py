"""One look at everything: processes, topics, collections, lateness, lag."""

import asyncio
import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import psutil

from bench.soak.lateness import lateness
from tasker_core.documents.indexes import INDEXES
from tasker_devstack.isolated_system import System
from tasker_devstack.paths import SERVICES
from tasker_runtime.clock import utc_now
from tasker_runtime.mongo import Mongo

MB: Final = 1e6
BLOCK: Final = 512
LOGGED_SECONDS: Final = 3
"""So long after its time of logging a run is readable for certain."""
PROGRAMS: Final = {"kafka": "kafka.Kafka", "mongod": "mongod", "target": "http_target"}
"""What stands in the command line of those that are no service."""
OPLOG: Final = "data/oplog"


class Sampler:
    """Looks at a system and its embedded backends, whose data is in a folder."""

    def __init__(self, system: System, mongo: Mongo, folder: Path) -> None:
        self._system, self._mongo, self._folder = system, mongo, folder
        self._logged_until = utc_now()
        self._cpu = dict[int, tuple[float, float]]()
        self.runs = 0

    async def look(self) -> dict[str, float]:
        """The values of all series by name. What does not answer is left out. Raises PyMongoError."""
        values = self._processes() | await asyncio.to_thread(self._topics)
        values |= await self._collections() | await self._lag()
        until = utc_now() - timedelta(seconds=LOGGED_SECONDS)
        late = await lateness(self._mongo, self._logged_until, until)
        self._logged_until = until
        self.runs += int(late["runs/logged"])
        files = await asyncio.to_thread(lambda: sum(_allocated(self._folder / "mongodb")))
        return values | late | {"disk/mongodb but its oplog": files / MB - values[OPLOG]}

    def _processes(self) -> dict[str, float]:
        """Of each process by name; those that run for a moment (audits) are none of ours."""
        own = psutil.Process()
        values: dict[str, float] = defaultdict(float)
        for process in (own, *own.children()):
            try:
                with process.oneshot():
                    name = "bench" if process == own else self._name(process)
                    if name is None:
                        continue
                    times, age = process.cpu_times(), utc_now().timestamp()
                    spent, (before, since) = times.user + times.system, self._cpu.get(process.pid, (0.0, 0.0))
                    self._cpu[process.pid] = spent, age
                    if since:
                        values[f"cpu/{name}"] += 100 * (spent - before) / (age - since)
                    values[f"memory/{name}"] += process.memory_info().rss / MB
                    values[f"threads/{name}"] += process.num_threads()
                    values[f"descriptors/{name}"] += process.num_fds()
            except psutil.NoSuchProcess:
                continue
        return dict(values)

    def _name(self, process: psutil.Process) -> str | None:
        """A service, `kafka`, `mongod`, `target`, or None."""
        for service in SERVICES:
            if process.pid == self._system.pid(service):
                return service
        words = " ".join(process.cmdline())
        return next((name for name, word in PROGRAMS.items() if word in words), None)

    def _topics(self) -> dict[str, float]:
        """Of each topic the bytes of its log files, and how many there are."""
        values: dict[str, float] = defaultdict(float)
        for path in _files(self._folder / "kafka" / "data"):
            topic = Path(path).parent.name.rpartition("-")[0].removeprefix(f"{self._system.topic_prefix}.")
            if not topic or not path.endswith(".log"):
                continue
            try:
                values[f"topic/{topic}"] += os.stat(path).st_size / MB
            except FileNotFoundError:  # removed just now
                continue
            values[f"segments/{topic}"] += 1
        values["disk/kafka"] = sum(_allocated(self._folder / "kafka" / "data")) / MB
        return dict(values)

    async def _collections(self) -> dict[str, float]:
        values: dict[str, float] = {}
        for name in INDEXES:
            found: dict[str, Any] = await self._mongo.database.command("collStats", name)
            values[f"documents/{name}"] = found["count"]
            values[f"data/{name}"] = found["size"] / MB
            values[f"indexes/{name}"] = found.get("totalIndexSize", 0) / MB
        oplog = await self._mongo.client.local.command("collStats", "oplog.rs")
        return values | {OPLOG: oplog["storageSize"] / MB}

    async def _lag(self) -> dict[str, float]:
        """Of each group and topic the records that are not read yet, as the API knows them."""
        try:
            async with self._system.client() as client:
                answer = await client.get("/system")
                answer.raise_for_status()
        except httpx.HTTPError:
            return {"unanswered/GET system": 1}
        values: dict[str, float] = {"unanswered/GET system": 0}
        body = answer.json()
        for group in body["groups"]:
            for one in group["lag"]:
                topic = one["topic"].removeprefix(f"{self._system.topic_prefix}.")
                values[f"lag/{group['service'] or group['group']} {topic}"] = one["records"]
        held: int | None = body["held_tasks"]
        return values if held is None else values | {"documents/tasks held by the ticker": held}


def _files(folder: Path) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        if "journal" in folders:  # MongoDB's own write-ahead log comes and goes by a hundred megabytes
            folders.remove("journal")
        yield from (os.path.join(place, name) for name in names)


def _allocated(folder: Path) -> Iterator[int]:
    """The bytes that each file takes on the disk: Kafka's indexes are longer than what is in them."""
    for path in _files(folder):
        try:
            yield os.stat(path).st_blocks * BLOCK
        except FileNotFoundError:
            continue
