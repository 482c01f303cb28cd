"""A world as topics and log hold it, to be tampered with: for the tests of `verify`."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from tasker_cli.verify.enumeration.calendar_versions import CalendarVersions
from tasker_cli.verify.instants import epoch_ms, instant_text
from tasker_cli.verify.judgement.conclusion import Conclusion
from tasker_cli.verify.judgement.emission_judge import EmissionJudge
from tasker_cli.verify.judgement.findings import Findings, Violation
from tasker_cli.verify.judgement.log_judge import LogJudge
from tasker_cli.verify.judgement.missed_judge import MissedJudge
from tasker_cli.verify.judgement.requests import judge_requests
from tasker_cli.verify.judgement.window import AuditedTasks
from tasker_cli.verify.lives.due_pieces import DuePieces
from tasker_cli.verify.lives.partition_time import PartitionTime
from tasker_cli.verify.lives.task_life import TaskLife
from tasker_cli.verify.reading.records import (
    LoggedRun,
    SecondTexts,
    decode_due,
    decode_result,
    decode_verdict,
    decode_watermark,
)

FROM, SECONDS = 1_767_268_800, 20
LATE_MS = 10_000
Json = dict[str, Any]
Missed = tuple[str, int, int, str]
"""Task, first and last nominal second, reason."""


def nominal(n: int) -> str:
    return instant_text(FROM + n)


@dataclass
class RecordedWorld:
    """What topics and log hold: each record with the second, counted from FROM, in which it was appended."""

    verdicts: list[tuple[Json, int]] = field(default_factory=list[tuple[Json, int]])
    watermarks: list[tuple[Json, int]] = field(default_factory=list[tuple[Json, int]])
    due: list[tuple[Json, int]] = field(default_factory=list[tuple[Json, int]])
    results: list[tuple[Json, int]] = field(default_factory=list[tuple[Json, int]])
    runs: dict[str, Json] = field(default_factory=dict[str, Json])
    missed: list[Missed] = field(default_factory=list[Missed])
    calendars: CalendarVersions = field(default_factory=CalendarVersions)
    fresh_from: int = 1000
    background: set[int] = field(default_factory=set[int])
    """Places in `due` that are in the background lane."""

    def judge(self, first: int = FROM, last: int = FROM + 2 * SECONDS, *, strict: bool = False) -> Findings:
        lives: dict[str, TaskLife] = {}
        for message, n in self.verdicts:
            life = lives.setdefault(message["task_id"], TaskLife(message["task_id"]))
            life.apply(decode_verdict(_json(message)), (FROM + n) * 1000 + 20)
        time = PartitionTime()
        for message, n in self.watermarks:
            time.add(decode_watermark(_json(message)), (FROM + n) * 1000 + 10)
        if not self.watermarks:
            time.time = 1 << 40
        due = DuePieces(first, last, self.calendars)
        pieces = {life.task_id: due.of(life) for life in lives.values()}
        tasks = AuditedTasks(first, last, LATE_MS, last * 1000, lives, pieces, time, self.calendars, strict=strict)
        seconds = SecondTexts()
        missed, emissions, log = MissedJudge(tasks), EmissionJudge(tasks, seconds), LogJudge(tasks, seconds)
        for place, (message, n) in enumerate(self.due):
            emissions.add(decode_due(_json(message)), (FROM + n) * 1000 + 40, live=place not in self.background)
        for message, n in self.results:
            log.add_result(decode_result(_json(message)), (FROM + n) * 1000 + 60, fresh=n >= self.fresh_from)
        for document in self.runs.values():
            log.add_document(logged_run(document))
        for one in self.missed:
            missed.add_document(*one)
        missed.conclude(1 << 60)
        Conclusion(tasks, log.deadlines).judge()
        judge_requests(tasks)
        return tasks.findings

    def verdict(self, task: str, event: str, n: int, **changes: Any) -> None:
        definition = {"schedule": {"cron": "* * * * * *", "timezone": "UTC"}, "paused": False} | changes
        message = {
            "type": "verdict",
            "verdict": "accepted",
            "event_type": event,
            "event_id": f"{event} {n}",
            "task_id": task,
            "generation": 1,
            "version": 1 if event == "put" else 2,
            "effective_from": nominal(n),
            "task": None if event == "delete" else definition,
        }
        self.verdicts.append((message, n))

    def reschedule(self, task: str, n: int, **changes: Any) -> None:
        """Hand a task over to other versions of its calendars."""
        self.verdict(task, "put", n, **changes)
        self.verdicts[-1][0].update(type="rescheduled", version=1, calendar="days")

    def watermark(self, n: int, after: int = 0, **changes: Any) -> None:
        """The ticker has reached a second, so many seconds after it."""
        turn = self.watermarks[-1][0]["turn"] + 1 if self.watermarks else 1
        self.watermarks.append(({"time": nominal(n), "next_offset": 0, "turn": turn} | changes, n + after))

    def carry_out(self, task: str, n: int, *, after: int = 0, **changes: Any) -> None:
        run = {"type": "run", "run_id": run_id(task, n), "task_id": task, "nominal_at": nominal(n)} | changes
        self.due.append((run, n + after))
        stages = {
            "received_at": nominal(n + after),
            "started_at": nominal(n + after),
            "finished_at": nominal(n + after),
        }
        self.results.append((run | {"type": "run.finished", "outcome": "succeeded"} | stages, n + after))
        self.runs[run["run_id"]] = run | stages | {"state": "succeeded", "logged_ms": (FROM + n + after) * 1000 + 90}

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
        self.missed.append((task, FROM + first, FROM + last, reason))


def logged_run(document: Json) -> LoggedRun:
    """A run as the log has it."""
    nominal_at = _instant(document["nominal_at"])
    return LoggedRun(
        document["run_id"],
        document["task_id"],
        document.get("generation", 0),
        document.get("kind", "scheduled"),
        nominal_at,
        _instant(document["effective_at"]) if "effective_at" in document else nominal_at,
        _instant(document["received_at"]),
        None if document["started_at"] is None else _instant(document["started_at"]),
        _instant(document["finished_at"]),
        _naive(document["logged_ms"]),
        document["state"],
        document.get("error"),
        _instant(document["retry_at"]) if "retry_at" in document else None,
    )


def _instant(text: str) -> datetime:
    return _naive(epoch_ms(text))


def _naive(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC).replace(tzinfo=None)


def _json(message: Json) -> bytes:
    return json.dumps(message).encode()


def run_id(task: str, n: int) -> str:
    return blake2b(f"{task} {n}".encode(), digest_size=16).hexdigest()


def first_of(records: list[tuple[Json, int]], task: str, n: int) -> int:
    return next(i for i, (one, _) in enumerate(records) if one["run_id"] == run_id(task, n))


def violations(found: Findings) -> Counter[Violation]:
    """What is wrong, by its kind."""
    return +found.counts
