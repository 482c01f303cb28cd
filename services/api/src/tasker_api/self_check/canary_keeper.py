"""Makes, changes and removes the canaries, as the setting says; every API process does, harmlessly."""

import asyncio
import hashlib
import json
import secrets
from typing import Any, Final

from tasker_api import metrics
from tasker_api.problems import Problem
from tasker_api.publishing.command import Command
from tasker_api.publishing.publisher import CommandPublisher
from tasker_api.publishing.verdict import VerdictPending
from tasker_api.system.canary_tasks import ACTOR, PREFIX, TAG, canary_ids, canary_task
from tasker_api.system.findings import overdue_canaries
from tasker_api.system.system_monitor import SystemMonitor
from tasker_core.documents.indexes import PEOPLES_ORDER
from tasker_core.documents.tasks import TaskDocument, TaskField
from tasker_core.ids import new_task_id
from tasker_core.messages.verdicts import EventType
from tasker_runtime.clock import Clock
from tasker_runtime.logs import Log
from tasker_runtime.mongo import Mongo, PyMongoError

LOOK_SECONDS: Final = 10.0
KEEP_LOOKS: Final = 6
"""The canaries themselves are looked at every so many looks."""


class CanaryKeeper:
    """`seconds` None: there are to be no canaries."""

    def __init__(
        self,
        mongo: Mongo,
        publisher: CommandPublisher,
        monitor: SystemMonitor,
        partitions: int,
        seconds: int | None,
        clock: Clock,
        log: Log,
    ) -> None:
        self._tasks, self._publisher, self._monitor = mongo.database["tasks"], publisher, monitor
        self._partitions, self._seconds, self._clock, self._log = partitions, seconds, clock, log

    async def run(self) -> None:
        """Keep them, and show how late they are, until cancelled. Without any, they are removed once."""
        looks = 0
        while True:
            if looks % KEEP_LOOKS == 0:
                kept = await self._is_kept()
                looks = 0 if not kept else 1
            else:
                looks += 1
            if self._seconds is not None:
                await self._show()
            elif looks:
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _is_kept(self) -> bool:
        """Whether all canaries are as they are to be, now."""
        try:
            await self.keep()
        except (Problem, VerdictPending, PyMongoError) as error:
            self._log.warning("canaries not kept", reason=str(error)[:300])
            return False
        return True

    async def keep(self) -> int:
        """Make what is missing or different, remove what is too many; returns how many were touched.

        Raises Problem, VerdictPending or PyMongoError.
        """
        wanted: dict[str, dict[str, Any]] = {}
        if self._seconds is not None:
            ids = canary_ids(self._partitions)
            wanted = {task_id: canary_task(task_id, number, self._seconds) for number, task_id in enumerate(ids)}
        matching: dict[TaskField, Any] = {"deleted": False, "tags": TAG}
        found: list[TaskDocument] = await self._tasks.find(matching, collation=PEOPLES_ORDER).to_list(None)
        stored = {one["_id"]: one for one in found if one["_id"].startswith(PREFIX)}
        surplus = stored.keys() - wanted.keys()
        changed = [task for task_id, task in wanted.items() if not _is_as_wanted(stored.get(task_id), task)]
        for task_id in sorted(surplus):
            await self._publish("delete", task_id, {"task_id": task_id, "note": "TASKER_CANARY_SECONDS is not set"})
        for task in changed:
            await self._publish("put", task["id"], {"task": task})
        if surplus or changed:
            self._log.info("canaries kept", made=len(changed), removed=len(surplus))
        return len(surplus) + len(changed)

    async def _publish(self, event_type: EventType, task_id: str, data: dict[str, Any]) -> None:
        content = json.dumps([event_type, data], sort_keys=True)
        await self._publisher.execute(
            Command(
                event_id=new_task_id(self._clock.now_ms(), secrets.randbits(80)),
                task_id=task_id,
                type=event_type,
                data=data,
                digest=hashlib.blake2b(content.encode(), digest_size=8).hexdigest(),
                actor=ACTOR,
            )
        )

    async def _show(self) -> None:
        facts = (await self._monitor.report()).facts
        if facts.database is None:
            return
        overdue = overdue_canaries(facts)
        for partition in range(self._partitions):
            metrics.CANARY_OVERDUE.labels(str(partition)).set(partition in overdue)
        for partition, canary in facts.database.canaries.items():
            metrics.CANARY_LATE.labels(str(partition)).set(canary.late_seconds)


def _is_as_wanted(stored: TaskDocument | None, task: dict[str, Any]) -> bool:
    """Its description names the interval: what its schedule has become is written in another way."""
    if stored is None or stored["state"] != "active":
        return False
    return (stored["name"], stored["description"]) == (task["name"], task["description"])
