"""The events that seeded users send: tasks of every kind, backfills, and retries and cancels of runs."""

from random import Random
from typing import Any

import msgspec

from tasker_core.time.instant import rfc3339_second
from tasker_core.topics import partition_of
from tests.simulation.cluster.broker import SimulatedBroker
from tests.simulation.environment.random_calendars import RandomCalendars
from tests.simulation.environment.random_schedules import RandomSchedules

Body = dict[str, Any]
_MALFORMED: tuple[Body, ...] = {}, {"attempt": 1_000}, {"bogus": 1}
_GRACES = ("PT0S", "PT2S", "PT5S", "PT12S", "PT20S")


class Workload:
    """Bodies of events. `crowded`: most tasks are due in most seconds, so that every second is cut.

    `zone`: the one whose clock is changed, or whose month ends, while the simulation goes on.
    """

    def __init__(
        self, partitions: int, tasks: int, broker: SimulatedBroker, chance: Random, zone: str, *, crowded: bool
    ) -> None:
        self._names = [f"t{number}" for number in range(max(tasks, 3))]
        self._partitions, self._broker, self._chance = partitions, broker, chance
        self.calendars = RandomCalendars(chance, zone)
        self._crowded = crowded
        self._random_schedules = RandomSchedules(chance, zone, self.calendars, crowded=crowded)
        self._number = 0
        self._schedules: dict[str, list[Body]] = {}
        self._last: dict[str, Body] = {}

    def body(self, kind: str, task: str) -> Body:
        """The body of an event of a kind about a task, or a calendar; a trigger where there is no run yet to retry."""
        self._number += 1
        now = self._broker.now_ms() // 1000
        match kind:
            case "put":
                return {"type": "put", "task": self._task(task, now)}
            case "calendar" | "calendar-delete":
                return self.calendars.change(task, kind, now)
            case "cancel":
                run = self._random_run(task) if self._chance.random() < 0.6 else None
                return {"type": "cancel", "task_id": task} | ({"run_id": run["run_id"]} if run else {})
            case "retry" if (run := self._random_run(task)) is not None:
                at = rfc3339_second(now + self._chance.randint(-2, 8))
                event: Body = {"type": "retry", "run": run, "attempt": run.get("attempt", 1) + 1, "retry_at": at}
                return event | self._chance.choices(_MALFORMED, (12, 1, 1))[0]
            case "trigger" | "retry":
                payload = {"payload": {"trigger": self._number}} if self._chance.random() < 0.4 else {}
                return {"type": "trigger", "task_id": task, **payload}
            case "backfill":
                return {"type": "backfill", "task_id": task, **self._past(now)}
            case _:
                return {"type": kind, "task_id": task}

    def put_under(self, task: str, calendar: str) -> Body:
        """The body of a put of a task that is under a calendar, whatever else it is."""
        body = self.body("put", task)
        option = self._chance.choice(("exclude_calendars", "require_calendars"))
        return {**body, "task": {**body["task"], "schedule": {"every": "PT2S", option: [calendar]}}}

    def outcomes(self, task: str) -> list[Body]:
        """The outcomes of some of a task's newest runs, as executors report them: of each the same, however often."""
        outcomes: list[Body] = []
        for run in self._runs(task, 8):
            policy = run["policy"]
            counts = {"max_consecutive_failures", "report_end"} & policy.keys() or self._chance.random() < 0.1
            if run.get("kind") != "backfill" and counts:
                same = {name: run[name] for name in ("task_id", "run_id", "generation", "version", "effective_at")}
                bad = run["run_id"][0] < "9"
                why = {"error": {"kind": "unlucky", "message": "so it is"}} if bad else {}
                outcome = {"outcome": "failed" if bad else "succeeded", **why}
                if "report_end" in policy and run["run_id"][1] == "0":
                    outcome = {"outcome": "skipped"}
                outcomes.append({"type": "outcome", "id": f"outcome/{run['run_id']}", **same, **outcome})
        return outcomes

    def starts(self, task: str) -> list[tuple[str, Body]]:
        """What ends of a task's newest runs start, as executors report it: the successors and the events."""
        found: list[tuple[str, Body]] = []
        for run in self._runs(task, 6):
            outcome = "failed" if run["run_id"][0] < "9" else "succeeded"
            after = {name: run[name] for name in ("task_id", "run_id", "nominal_at")} | {"outcome": outcome}
            for link in run["policy"].get("then", ()):
                if link.get("on", "succeeded") in (outcome, "any"):
                    name, chain = link["task"], [*run.get("chain", ()), task]
                    if run["run_id"][1] in "01":  # two definitions were accepted at once
                        chain = [name, *chain]
                    event: Body = {"type": "chain", "id": f"chain-{run['run_id']}-{name}", "task_id": name}
                    found.append((name, event | {"after": after, "chain": chain}))
        return found

    def deferred(self, task: str) -> list[tuple[float, Body]]:
        """Waits of some of a task's newest runs and the reports that end them, with a delay for each.

        A report may be the first of both, come twice, contradict the one before, or not at all.
        """
        chance, now, sent = self._chance, self._broker.now_ms() // 1000, list[tuple[float, Body]]()
        for run in self._runs(task):
            attempt, begun = run.get("attempt", 1), chance.uniform(0, 3)
            wait: Body = {"type": "wait", "id": f"wait-{run['run_id']}-{attempt}", "run": run}
            wait |= {"received_at": run["emitted_at"], "started_at": run["emitted_at"]}
            wait |= {"until": rfc3339_second(now + chance.randint(-2, 12))}
            wait |= chance.choices(({}, {"lane": "background"}, {"bogus": 1}), (10, 4, 1))[0]
            sent += [(begun + chance.uniform(0, 8) * again, wait) for again in range(chance.choice((1, 1, 2)))]
            for number in range(chance.choice((0, 1, 1, 2, 3))):
                named = {"task_id": task, "run_id": run["run_id"], "attempt": attempt + (chance.random() < 0.1)}
                end = chance.choice(({}, {"outcome": "failed"}, {"result": {"report": self._number + number}}))
                sent.append((chance.uniform(0, 9), {"type": "report", **named, **end}))
        return sent

    def _past(self, now: int) -> Body:
        chance = self._chance
        late = 20 if chance.random() < 0.1 else 0
        if chance.random() < 0.5:
            times = sorted({now + late - chance.randint(0, 90) for _ in range(chance.randint(1, 5))})
            rate = {"rate": chance.choice((60, 200))} if chance.random() < 0.3 else {}
            return {"times": [rfc3339_second(at) for at in times], **rate}
        end = now + late - chance.randint(0, 20)
        return {"start": rfc3339_second(end - chance.randint(1, 60)), "end": rfc3339_second(end)}

    def _random_run(self, task: str) -> Body | None:
        """One of the newest runs of a task that an executor may have seen."""
        found = self._runs(task)
        return self._chance.choice(found) if found else None

    def _runs(self, task: str, limit: int = 4) -> list[Body]:
        """The newest runs of a task that an executor may have seen."""
        partition, found = partition_of(task, self._partitions), list[Body]()
        for topic in ("due-tasks", "due-background"):
            log = self._broker.log(f"tasker.{topic}", partition)
            near = [entry for entry in log.entries[max(0, log.stable - 60) : log.stable] if entry.committed]
            of_task = [entry for entry in near if entry.key == task.encode()]
            found += [
                body for entry in of_task[-limit:] if (body := msgspec.json.decode(entry.value or b""))["type"] == "run"
            ]
        return found

    def _task(self, task: str, now: int) -> Body:
        chance = self._chance
        if (last := self._last.get(task)) is not None and chance.random() < 0.1:
            return last
        made: Body = {"id": task, "schedule": self._schedule(task, now), "payload": {"put": self._number}}
        if self._crowded or chance.random() < 0.6:
            policy = chance.choice(("latest", "all", "none"))
            made["misfire"] = {"policy": policy, "grace": chance.choice(_GRACES), "max": chance.randint(1, 4)}
        if chance.random() < 0.12:
            made["paused"] = chance.random() < 0.5
        if chance.random() < 0.04:
            made["bogus"] = 1
        if chance.random() < 0.5:
            made["max_consecutive_failures"] = chance.choice((1, 2, 2, 3))
        if chance.random() < 0.5:
            others = chance.sample([name for name in self._names if name != task], chance.randint(1, 2))
            ends = ("succeeded", "failed", "any", "any")
            made["then"] = [{"task": name, "on": chance.choice(ends)} for name in others]
        if chance.random() < 0.5:
            made["notify"] = self._notify(task)
        self._last[task] = made
        return made

    def _notify(self, task: str) -> list[Body]:
        """Who is told, as a rule the same as before."""
        chance = self._chance
        if (last := self._last.get(task, {}).get("notify")) is not None and chance.random() < 0.7:
            return last
        entries: list[Body] = []
        for _ in range(chance.choice((1, 1, 2))):
            words = chance.sample(("failed", "recovered", "late", "missed", "paused"), chance.randint(1, 5))
            late = {"late": f"PT{chance.choice((2, 5, 9))}S"} if "late" in words else {}
            entries.append({"on": words, **late, "kafka": {"topic": chance.choice("xy")}})
        return entries

    def _schedule(self, task: str, now: int) -> Body:
        """A new schedule, or one that the task had before: as a rule the last one, so that an edit leaves it alone."""
        chance, had = self._chance, self._schedules.setdefault(task, [])
        if had and chance.random() < 0.3:
            return had[-1] if chance.random() < 0.7 else chance.choice(had)
        made = self._random_schedules.make(now)
        had.append(made)
        return made
