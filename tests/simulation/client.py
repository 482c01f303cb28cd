"""Seeded users: they put, pause, trigger and so on, repeat themselves, and sometimes take the wrong partition."""

from random import Random
from typing import Any

import msgspec

from tasker_core.instant import rfc3339_second
from tasker_core.topics import partition_of
from tests.simulation.broker import Broker, Content
from tests.simulation.process import TOPICS
from tests.simulation.trace import Trace

EVENTS = TOPICS["task-events"]
_GRACES = ("PT0S", "PT2S", "PT5S", "PT12S", "PT20S")


class Client:
    """All users of one simulation. `act` makes one event now, and says after how many seconds to repeat it, if at all.

    Everything they send is in the log, so the oracle needs nothing from here.
    """

    def __init__(self, partitions: int, tasks: int, broker: Broker, chance: Random, trace: Trace) -> None:
        self._partitions, self._broker, self._chance, self._trace = partitions, broker, chance, trace
        self._tasks = [f"t{number}" for number in range(tasks)]
        self._number = 0
        self._unborn = list(self._tasks)

    def act(self) -> tuple[float, str, Content] | None:
        """Send one event. Returns when to send what again, in seconds."""
        chance = self._chance
        self._number += 1
        if chance.random() < 0.03:
            self._append(chance.choice(self._tasks), (None, chance.choice((b"{", b"[]", b'{"type":"pause"}')), ()))
            return None
        if self._unborn and chance.random() < 0.6:
            task, kind = self._unborn.pop(0), "put"
        else:
            task = chance.choice(self._tasks)
            kinds = ("put", "pause", "resume", "delete", "trigger", "cancel", "backfill", "retry")
            (kind,) = chance.choices(kinds, (8, 5, 5, 2, 3, 2, 3, 4))
        body = self._body(kind, task)
        if chance.random() < 0.85:
            body["id"] = f"e{self._number}"
        if kind in ("put", "pause", "delete") and chance.random() < 0.08:
            body["if_version"] = chance.choice((0, 1, 2, 5))
        key = task.encode() if chance.random() < 0.7 else None
        content: Content = (key, msgspec.json.encode(body), ())
        self._append(task, content)
        return (chance.uniform(0, 8), task, content) if chance.random() < 0.12 else None

    def repeat(self, task: str, content: Content) -> None:
        """Send an event again, byte for byte."""
        self._append(task, content)

    def _append(self, task: str, content: Content) -> None:
        home = partition_of(task, self._partitions)
        partition = (home + 1) % self._partitions if self._chance.random() < 0.06 else home
        offset = self._broker.append(EVENTS, partition, content)
        if self._trace.on:
            self._trace.tell(f"event {partition}:{offset} {(content[1] or b'').decode()}")

    def _body(self, kind: str, task: str) -> dict[str, Any]:
        now = self._broker.now_ms() // 1000
        match kind:
            case "put":
                return {"type": "put", "task": self._task(task, now)}
            case "cancel":
                run = self._seen(task) if self._chance.random() < 0.6 else None
                return {"type": "cancel", "task_id": task} | ({"run_id": run["run_id"]} if run else {})
            case "retry" if (run := self._seen(task)) is not None:
                at = rfc3339_second(now + self._chance.randint(-2, 8))
                return {"type": "retry", "run": run, "attempt": run.get("attempt", 1) + 1, "retry_at": at}
            case "backfill":
                return {"type": "backfill", "task_id": task, **self._past(now)}
            case _:
                return {"type": "trigger" if kind == "retry" else kind, "task_id": task}

    def _past(self, now: int) -> dict[str, Any]:
        chance = self._chance
        late = 20 if chance.random() < 0.1 else 0
        if chance.random() < 0.5:
            times = sorted({now + late - chance.randint(0, 90) for _ in range(chance.randint(1, 5))})
            return {"times": [rfc3339_second(at) for at in times]}
        end = now + late - chance.randint(0, 20)
        return {"start": rfc3339_second(end - chance.randint(1, 60)), "end": rfc3339_second(end)}

    def _seen(self, task: str) -> dict[str, Any] | None:
        """One of the newest runs of a task that an executor may have seen."""
        partition, found = partition_of(task, self._partitions), list[dict[str, Any]]()
        for topic in ("due-tasks", "due-background"):
            log = self._broker.log(f"tasker.{topic}", partition)
            near = [entry for entry in log.entries[max(0, log.stable - 60) : log.stable] if entry.committed]
            of_task = [entry for entry in near if entry.key == task.encode()]
            found += [
                body for entry in of_task[-4:] if (body := msgspec.json.decode(entry.value or b""))["type"] == "run"
            ]
        return self._chance.choice(found) if found else None

    def _task(self, task: str, now: int) -> dict[str, Any]:
        chance = self._chance
        made: dict[str, Any] = {"id": task, "schedule": self._schedule(now), "payload": {"put": self._number}}
        if chance.random() < 0.6:
            policy = chance.choice(("latest", "all", "none"))
            made["misfire"] = {"policy": policy, "grace": chance.choice(_GRACES), "max": chance.randint(1, 4)}
        if chance.random() < 0.12:
            made["paused"] = chance.random() < 0.5
        if chance.random() < 0.04:
            made["bogus"] = 1
        return made

    def _schedule(self, now: int) -> dict[str, Any]:
        chance = self._chance
        kind = chance.choice(("every", "every", "cron", "cron", "at"))
        made: dict[str, Any] = {}
        if chance.random() < 0.3:
            made["spread"] = f"PT{chance.randint(1, 9)}S"
        if kind == "at":
            return {"at": rfc3339_second(now + chance.randint(-25, 35)), **made}
        if kind == "every":
            made["every"] = f"PT{chance.choice((1, 2, 3, 5, 7, 10, 20))}S"
            if chance.random() < 0.4:
                made["anchor"] = rfc3339_second(now + chance.randint(-40, 10))
        else:
            made["cron"] = chance.choice(
                ("* * * * * *", "*/2 * * * * *", "*/3 * * * * *", "*/5 * * * * *", "*/10 * * * * *", "*/20 * * * * *",
                 "0,1,2,30 * * * * *", "10-15 * * * * *", "7,21,22,48 * * * * *")
            )  # fmt: skip
        if chance.random() < 0.12:
            made["start"] = rfc3339_second(now + chance.randint(-10, 15))
        if chance.random() < 0.12:
            made["end"] = rfc3339_second(now + chance.randint(16, 50))
        if chance.random() < 0.15:
            made["max_runs"] = chance.randint(1, 8)
        if chance.random() < 0.12:
            made["exclude"] = [chance.choice(("*/4 * * * * *", "0-29 * * * * *", "2026-01-01", "*/5 * * * * *"))]
        return made
