"""The oracle's own bookkeeping of one partition: what each event must be answered, and what follows from it."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from tasker_core.time.instant import rfc3339_second
from tests.simulation.environment.world import RECENT
from tests.simulation.oracle.committed_log import Happening
from tests.simulation.oracle.failure_streaks import judge_pause
from tests.simulation.oracle.invariants import hold
from tests.simulation.oracle.reference_calendar import calendar, second
from tests.simulation.oracle.task_model import Life

Body = dict[str, Any]
DAY = 24 * 3600
CHANGES = ("put", "pause", "resume", "outcome")


def run_id(task: str, generation: int, kind: str, nominal: int, event: str = "") -> str:
    """The id of a run, by the contract: BLAKE2b-128 over five lines."""
    text = f"{task}\n{generation}\n{kind}\n{nominal}\n{event}"
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(slots=True)
class Attempts:
    """Of a run: the highest attempt that is out, or refused, the one to come (attempt, when), whether cancelled."""

    task: str
    attempt: int = 1
    pending: tuple[int, int] | None = None
    cancelled: bool = False

    def knows(self, attempt: int) -> bool:
        """Whether that attempt is out, to come, or refused."""
        return attempt <= self.attempt or (self.pending is not None and attempt <= self.pending[0])


@dataclass(slots=True)
class Filling:
    """A backfill: its times as they were asked for, and those that are out."""

    task: str
    generation: int
    asked: Body
    changes: int
    ran: list[int] = field(default_factory=list[int])
    ended: bool = False


class Answers:
    """The tasks, runs and backfills of one partition, moved on by its events in order."""

    def __init__(self, partition: int, home: dict[str, int]) -> None:
        self._partition, self._home = partition, home
        self.lives: dict[str, Life] = {}
        self.all: dict[tuple[str, int], Life] = {}
        self.runs: dict[str, Attempts] = {}
        self.fillings: dict[tuple[str, str, int], Filling] = {}
        """By task, event and generation."""
        self.ended: list[tuple[str, int, str]] = []
        self.gone: dict[str, tuple[int, int, int]] = {}
        """Of deleted tasks that forwarded events have changed: where the delete was appended."""
        self.triggered: set[tuple[str, str, int]] = set()
        self.manual: dict[str, Any] = {}
        """The runs that were triggered in the turn at hand, and the payload that each must bear."""
        self.cancels: list[tuple[str, str | None]] = []
        """What executors must be told to cancel in it: a task, and one of its runs or None for all."""
        self.cancelled = Counter[str]()
        """How often all runs of a task were cancelled."""
        self.out: dict[tuple[str, int], int] = {}
        """By run and attempt: how often that had been told in its lane before it."""

    def take(self, event: Happening, verdict: Body, at: int, or_at: int) -> None:
        """Check the answer to one event that took effect at a second (a refused one: at either of the two)."""
        word, why = self._word(event, verdict, at)
        if word != verdict["verdict"] and or_at != at:
            word, why = self._word(event, verdict, or_at)
        told = f"event {self._partition}:{event.offset} {event.body} at {at}: {verdict['verdict']}, not {word} ({why})"
        hold(verdict["verdict"] == word, "one verdict for each event, in order", f"{told}: {verdict.get('errors')}")
        if word == "accepted":
            self._carry_out(event, verdict, at)
        elif word == "rejected" and "run" in (event.body or {}):
            self._refuse_retry(event)

    def is_outcome(self, event: Happening) -> bool:
        """Whether it tells how a run of a task of this partition has ended: answered only when that pauses the task."""
        at_home = self._home[event.task] == self._partition
        return event.body is not None and event.body["type"] == "outcome" and at_home and not event.contradicted

    def _word(self, event: Happening, verdict: Body, at: int) -> tuple[str, str]:
        body, life = event.body or {}, self.lives.get(event.task)
        if self._home[event.task] != self._partition:
            return "forwarded", "it lives elsewhere"
        if self.is_outcome(event):
            return "accepted", "so many failures in a row"
        if life is not None and event.id in life.recent:
            return "superseded", "a repeat"
        stands = life.changed if life is not None else self.gone.get(event.task, event.append)
        if event.forwarded and event.append < stands and body["type"] not in ("retry", "cancel"):
            return "superseded", "older than what stands, or the delete"
        if _malformed(event):
            return "rejected", "it breaks the contract"
        wanted = body.get("if_version")
        if wanted is not None and wanted != (life.version if life else 0):
            return "rejected", "another version stands"
        match body["type"]:
            case "put":
                return self._put_word(body["task"]["schedule"], life, verdict, at)
            case "retry":
                return self._retry_word(body, life)
            case "cancel":
                return "accepted", "also where the task is gone"
            case _ if life is None:
                return "rejected", "no such task"
            case "backfill" if (event.task, event.id, life.generation) in self.fillings:
                return "superseded", "it is under way, or was done"
            case "backfill" if second((body.get("times") or [""])[-1] or body["end"]) > at + ("end" in body):
                return "rejected", "it lies in the future"
            case "trigger" if (event.task, event.id, life.generation) in self.triggered:
                return "superseded", "it was triggered"
            case _:
                return "accepted", "nothing speaks against it"

    @staticmethod
    def _put_word(schedule: Body, life: Life | None, verdict: Body, at: int) -> tuple[str, str]:
        if "at" in schedule and not (life and life.body["schedule"] == schedule):
            when = second(schedule["at"])
            over = calendar(schedule, verdict["task_id"]).occurrences[0][1] <= at
            if over and (life is not None or at - when > DAY):
                return "rejected", "its only time is over"
        pointers = [error["pointer"] for error in verdict.get("errors", ())]
        if verdict["verdict"] == "rejected" and pointers == ["/schedule/exclude"]:
            anchored = {"anchor": _anchor(life, at), **schedule}
            left = [nominal for nominal, _ in calendar(anchored, verdict["task_id"]).occurrences if nominal > at]
            return ("accepted", "it has occurrences") if left else ("rejected", "nothing is left")
        return "accepted", "nothing speaks against it"

    def _retry_word(self, body: Body, life: Life | None) -> tuple[str, str]:
        run, known = body["run"], self._asked_of(body)
        if known.knows(body["attempt"]):
            return "superseded", "that attempt is known"
        if life is None or life.generation != run["generation"] or known.cancelled or self._hit(run):
            return "rejected", "its task or the run is gone"
        return "accepted", "nothing speaks against it"

    def _refuse_retry(self, event: Happening) -> None:
        """Its run ends, unless the attempt that it would be is known."""
        body = event.body or {}
        run, known = body["run"], self._asked_of(body)
        attempt = run.get("attempt", 1) + 1
        if not known.knows(attempt):
            life = self.lives.get(event.task)
            gone = life is None or life.generation != run["generation"]
            reason = "deleted" if gone and not known.cancelled else "cancelled"
            reason = "refused" if _malformed(event) else reason
            self.ended.append((run["run_id"], attempt, reason))
            self.runs[run["run_id"]] = known
            known.attempt, known.pending = attempt, None

    def _hit(self, run: Body) -> bool:
        """Whether an attempt was out when all runs of its task were cancelled last."""
        return self.out[run["run_id"], run.get("attempt", 1)] < self.cancelled[run["task_id"]]

    def _asked_of(self, body: Body) -> Attempts:
        """What is known of the run that a retry is asked of."""
        run = body["run"]
        return self.runs.get(run["run_id"]) or Attempts(run["task_id"], run.get("attempt", 1))

    def _carry_out(self, event: Happening, verdict: Body, at: int) -> None:
        body, task, life = event.body or {}, event.task, self.lives.get(event.task)
        if body["type"] == "retry":
            run, attempt = body["run"], body["attempt"]
            known = self.runs.setdefault(run["run_id"], Attempts(task, run.get("attempt", 1)))
            known.pending = (attempt, max(second(body["retry_at"]), at))
            return
        if body["type"] == "cancel":
            self.cancels.append((task, body.get("run_id")))
            self._cancel(task, body.get("run_id"))
            if life is not None:
                life.recent = [*life.recent[1 - RECENT :], event.id]
            return
        if life is None:
            version = event.offset + 1
            life = self.lives[task] = self.all[task, version] = Life(task, version, version, verdict["task"], at)
            life.create(at)
        elif body["type"] in CHANGES:
            after = verdict["task"] if body["type"] == "put" else {**life.body, "paused": body["type"] != "resume"}
            if body["type"] == "outcome":
                judge_pause(replace(life, body=after), event, verdict)
            life.change(after, event.offset + 1, at, resumed=body["type"] != "put")
        if body["type"] in CHANGES:
            if body["type"] != "outcome":
                judge_pause(life, event, verdict)
            life.changed, life.foreign = event.append, life.foreign or event.forwarded
            self.gone.pop(task, None)
            same = verdict["task"].get("paused", False) == life.paused and verdict["version"] == life.version
            hold(same, "one verdict for each event, in order", f"{verdict} does not tell {life.body}")
            next_at, rule = verdict.get("next_at"), "the next time that is told is the next one"
            right = next_at is None if life.paused else life.next_told(life.version, at, life.dealt, next_at)
            hold(right, rule, f"{verdict}")
        if body["type"] != "outcome":
            life.recent = [*life.recent[1 - RECENT :], event.id]
        match body["type"]:
            case "delete":
                self._delete(life, at)
                if life.foreign or event.forwarded:
                    self.gone[task] = event.append
            case "trigger":
                identity = run_id(task, life.generation, "manual", at, event.id)
                self.triggered.add((task, event.id, life.generation))
                self.manual[identity] = body.get("payload", life.body.get("payload"))
                hold(
                    verdict["run_id"] == identity, "one verdict for each event, in order", f"{verdict}: run {identity}"
                )
            case "backfill":
                self.fillings[task, event.id, life.generation] = Filling(task, life.generation, body, len(life.changes))
            case _:
                pass

    def _delete(self, life: Life, at: int) -> None:
        life.list_to(at)
        life.changes.append(at)
        life.ended = True
        del self.lives[life.task]
        self._end_pending(life.task, None, "deleted")

    def remove(self, life: Life, at: int) -> None:
        """A finished task is gone."""
        life.list_to(at)
        life.ended = True
        del self.lives[life.task]

    def _cancel(self, task: str, identity: str | None) -> None:
        self._end_pending(task, identity, "cancelled")
        self.cancelled[task] += identity is None
        if identity is not None:
            self.runs.setdefault(identity, Attempts(task)).cancelled = True

    def _end_pending(self, task: str, identity: str | None, reason: str) -> None:
        for name, known in self.runs.items():
            if known.task == task and known.pending and identity in (None, name):
                self.ended.append((name, known.pending[0], reason))
                known.pending = None
                known.cancelled |= reason == "cancelled"


def _malformed(event: Happening) -> bool:
    """Whether it breaks the contract: a field that is not known, another key, or no next attempt."""
    body = event.body or {}
    wrong = "run" in body and body["attempt"] != body["run"].get("attempt", 1) + 1
    return event.contradicted or wrong or "bogus" in body or "bogus" in body.get("task", {})


def _anchor(life: Life | None, at: int) -> str:
    """The anchor of an interval that bears none: as it stood, else the second of creation."""
    stood: str | None = life.body["schedule"].get("anchor") if life else None
    return stood or rfc3339_second(at)
