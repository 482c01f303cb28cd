"""A world as topics and log hold it, to be tampered with: for the tests of `verify`."""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from tasker_cli.verify.findings import Findings
from tasker_cli.verify.instants import instant_text
from tasker_cli.verify.occurrence_judge import OccurrenceJudge
from tasker_cli.verify.task_life import MissedSpan, TaskLife

FROM, SECONDS = 1_767_268_800, 20
LATE_MS = 10_000
Json = dict[str, Any]


def nominal(n: int) -> str:
    return instant_text(FROM + n)


@dataclass
class RecordedWorld:
    """What topics and log hold: each record with the second, counted from FROM, in which it was appended."""

    verdicts: list[tuple[Json, int]] = field(default_factory=list[tuple[Json, int]])
    due: list[tuple[Json, int]] = field(default_factory=list[tuple[Json, int]])
    results: list[tuple[Json, int]] = field(default_factory=list[tuple[Json, int]])
    runs: dict[str, Json] = field(default_factory=dict[str, Json])
    missed: list[tuple[str, MissedSpan]] = field(default_factory=list[tuple[str, MissedSpan]])
    fresh_from: int = 1000

    def judge(self, first: int = FROM, last: int = FROM + 2 * SECONDS) -> Findings:
        lives: dict[str, TaskLife] = {}
        for message, n in self.verdicts:
            life = lives.setdefault(message["task_id"], TaskLife(message["task_id"]))
            life.apply(message, (FROM + n) * 1000 + 20)
        judge = OccurrenceJudge(lives, first, last, LATE_MS)
        for message, n in self.due:
            judge.add_due(message, (FROM + n) * 1000 + 40)
        for message, n in self.results:
            judge.add_result(message, (FROM + n) * 1000 + 60, fresh=n >= self.fresh_from)
        for document in self.runs.values():
            judge.add_run_document(document)
        for task_id, missed in self.missed:
            judge.add_missed_document(task_id, missed)
        return judge.conclude()

    def verdict(self, task: str, event: str, n: int, **changes: Any) -> None:
        definition = {"schedule": {"cron": "* * * * * *", "timezone": "UTC"}, "paused": False} | changes
        message = {
            "type": "verdict",
            "verdict": "accepted",
            "event_type": event,
            "task_id": task,
            "generation": 1,
            "version": 1 if event == "put" else 2,
            "effective_from": nominal(n),
            "task": None if event == "delete" else definition,
        }
        self.verdicts.append((message, n))

    def carry_out(self, task: str, n: int, **changes: Any) -> None:
        run = {"type": "run", "run_id": run_id(task, n), "task_id": task, "nominal_at": nominal(n)} | changes
        self.due.append((run, n))
        finished = {"type": "run.finished", "outcome": "succeeded", "finished_at": nominal(n)}
        self.results.append((run | finished, n))
        self.runs[run["run_id"]] = {
            "run_id": run["run_id"],
            "task_id": task,
            "kind": run.get("kind", "scheduled"),
            "nominal_at": run["nominal_at"],
            "state": "succeeded",
            "received_ms": (FROM + n) * 1000 + 50,
            "finished_ms": (FROM + n) * 1000,
            "logged_ms": (FROM + n) * 1000 + 90,
        }

    def miss(self, task: str, first: int, last: int, *, reason: str = "coalesced", after: int = 61) -> None:
        """Record seconds as missed, so many seconds after the last one."""
        message = {
            "type": "missed",
            "task_id": task,
            "from": nominal(first),
            "to": nominal(last),
            "reason": reason,
        }
        self.verdicts.append((message, last + after))
        self.missed.append((task, MissedSpan(FROM + first, FROM + last, reason)))


def run_id(task: str, n: int) -> str:
    return blake2b(f"{task} {n}".encode(), digest_size=16).hexdigest()


def first_of(records: list[tuple[Json, int]], task: str, n: int) -> int:
    return next(i for i, (one, _) in enumerate(records) if one["run_id"] == run_id(task, n))
