"""All runs, missed ranges and other records that the batches of a partition contain, checked as they come."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.simulation.oracle.committed_log import CommittedBatch
from tests.simulation.oracle.invariants import Invariant, require
from tests.simulation.oracle.partition_model import PartitionModel
from tests.simulation.oracle.reference_calendar import ms, second
from tests.simulation.oracle.run_models import RunModel, run_id

Body = dict[str, Any]
LIVE_SECONDS = 10


@dataclass(slots=True)
class EmittedRun:
    """The scheduled run of one occurrence: its record, in which lane and batch, and the batch before that.

    `emitted`: the second in which its owner may first have emitted it, by its own clock.
    """

    body: Body
    live: bool
    batch: CommittedBatch
    before: CommittedBatch | None
    emitted: int


@dataclass(slots=True)
class ReportedMiss:
    """A range of nominal seconds that was reported as missed."""

    first: int
    last: int
    reason: str
    batch: CommittedBatch


class EmittedRuns:
    """What one partition has emitted. `ahead_ms`: how early a run may be, for the clocks' sake.

    `behind_ms`: how far clocks were set back. What is emitted after a cancel of all says to be emitted later than it.
    """

    def __init__(self, model: PartitionModel, ahead_ms: int, behind_ms: int) -> None:
        self._model, self._ahead_ms, self._behind_ms = model, ahead_ms, behind_ms
        self.runs: dict[tuple[str, int, int], EmittedRun] = {}
        self.missed: dict[tuple[str, int], list[ReportedMiss]] = {}
        self.gaps: dict[int, int] = {}
        self.background: list[tuple[Body, CommittedBatch]] = []
        self._before: CommittedBatch | None = None
        self._cancelled = Counter[str](), Counter[str]()

    def add(self, batch: CommittedBatch) -> None:
        """Add the records of one batch, whose events the model has applied."""
        model = self._model
        self._add_gaps(batch)
        for live, bodies in ((True, batch.due), (False, batch.background)):
            for body in bodies:
                if body["type"] == "run":
                    self._add_run(body, batch, live=live)
                    if not live:
                        self.background.append((body, batch))
                elif body["type"] == "reported":
                    self._model.waits.check_end(body, batch, live=live, ahead_ms=self._ahead_ms)
                elif "run_id" not in body:
                    self._cancelled[live][body["task_id"]] += 1
            cancels = [(body["task_id"], body.get("run_id")) for body in bodies if body["type"] == "cancel"]
            detail = f"executors get the cancels {cancels}, not {model.cancels}"
            require(cancels == model.cancels, Invariant.RETRIES_AND_CANCELS, detail)
        model.cancels.clear()
        self._before = batch
        for task, limit in model.used_up:
            counted = f"{task}: a put that allows {limit} runs was rejected"
            require(task.runs_done >= limit, Invariant.ONE_VERDICT, counted)
        model.used_up.clear()
        ended = sorted(
            (body["run_id"], body.get("attempt", 1), body["reason"])
            for body in batch.verdicts
            if body["type"] == "ended"
        )
        expected = sorted(model.ended)
        require(ended == expected, Invariant.RETRIES_AND_CANCELS, f"ended {ended}, not {model.ended}")
        model.ended.clear()
        model.waits.check_batch()
        require(not model.manual, Invariant.NEVER_LOST, f"triggered, but not in the batch: {model.manual}")
        require(not model.chained, Invariant.CHAINS, f"started, but not in the batch: {model.chained}")
        for body in batch.verdicts:
            if body["type"] == "missed":
                miss = ReportedMiss(second(body["from"]), second(body["to"]), body["reason"], batch)
                self.missed.setdefault((body["task_id"], body["generation"]), []).append(miss)
            elif body["type"] == "backfill.ended":
                self._end_backfill(body)

    def _add_gaps(self, batch: CommittedBatch) -> None:
        """Note how far each gap reaches; the last one may have grown in the very batch that closed it."""
        gaps = [(second(gap["from"]), second(gap["to"])) for gap in batch.watermark.get("catch_up", ())]
        before = self._before
        if before is not None and (last := before.watermark.get("catch_up", [None])[-1]) is not None:
            after, to = second(last["from"]), second(last["to"])
            if to == before.time and not last["after_task"] and after not in dict(gaps):
                gaps.append((after, max(to, batch.time - LIVE_SECONDS)))
        self.gaps.update(gaps)

    def _add_run(self, body: Body, batch: CommittedBatch, *, live: bool) -> None:
        model, task_id, generation, nominal = (
            self._model,
            body["task_id"],
            body["generation"],
            second(body["nominal_at"]),
        )
        attempt, kind, identity = body.get("attempt", 1), body.get("kind", "scheduled"), body["run_id"]
        nominal = second(body["nominal_at"])
        detail = f"{body} became visible at {batch.ms}"
        require((identity, attempt) not in model.emitted, Invariant.NEVER_TWICE, detail)
        model.emitted[identity, attempt] = self._cancelled[live][task_id]
        require(ms(body["effective_at"]) <= batch.ms + self._ahead_ms, Invariant.NEVER_EARLY, detail)
        if attempt > 1:
            self._add_retry(identity, attempt, batch, detail)
        elif kind == "scheduled":
            expected = run_id(task_id, generation, kind, nominal)
            require(identity == expected, Invariant.NEVER_LOST, f"{detail}: the run id is another's")
            require((task_id, generation, nominal) not in self.runs, Invariant.NEVER_TWICE, detail)
            decided = second(body["effective_at"]) <= batch.decided(task_id)
            require(decided, Invariant.WHOLE_BATCHES, f"{detail}, though its watermark is {batch.watermark}")
            set_back = self._behind_ms if self._cancelled[live][task_id] else 0
            emitted = (ms(body["emitted_at"]) - set_back) // 1000
            if (task := model.all.get((task_id, generation))) is not None:
                task.runs_done += "max_runs" in task.bodies.get(body["version"], {}).get("schedule", ())
            self.runs[task_id, generation, nominal] = EmittedRun(body, live, batch, self._before, emitted)
        elif kind == "manual":
            require(identity in model.manual, Invariant.NEVER_TWICE, f"{detail}, but was not triggered in this batch")
            payload = model.manual.pop(identity)
            same = body.get("payload") == payload
            require(same, Invariant.NOT_RETROACTIVE, f"{detail}, with another payload than {payload}")
        elif kind == "chained":
            require(identity in model.chained, Invariant.NEVER_TWICE, f"{detail}, but was not started in this batch")
            event = model.chained.pop(identity)
            same = all(body.get(name) == event[name] for name in ("after", "chain", "payload"))
            same = same and nominal == event["at"] and live == (event.get("lane", "live") == "live")
            require(same, Invariant.CHAINS, f"{detail}, started by {event}")
        else:
            self._add_backfilled(task_id, generation, nominal, identity, detail)

    def _add_retry(self, identity: str, attempt: int, batch: CommittedBatch, detail: str) -> None:
        run = self._model.runs.get(identity, RunModel(""))
        pending = run.pending is not None and run.pending[0] == attempt
        require(pending, Invariant.RETRIES_AND_CANCELS, f"{detail}, but was not pending: {run}")
        assert run.pending is not None
        due = batch.ms + self._ahead_ms >= run.pending[1] * 1000
        require(due, Invariant.NEVER_EARLY, f"{detail}, due at {run.pending[1]}")
        run.attempt, run.pending = attempt, None

    def _add_backfilled(self, task_id: str, generation: int, nominal: int, identity: str, detail: str) -> None:
        for (of_task, event_id, of_generation), backfill in self._model.backfills.items():
            same = (of_task, of_generation) == (task_id, generation)
            if same and run_id(task_id, generation, "backfill", nominal, event_id) == identity:
                require(not backfill.ended, Invariant.BACKFILL_ONCE, f"{detail} after its backfill had ended")
                backfill.emitted.append(nominal)
                return
        require(False, Invariant.BACKFILL_ONCE, f"{detail}, but nobody requested it")

    def _end_backfill(self, body: Body) -> None:
        invariant = Invariant.BACKFILL_ONCE
        backfill = self._model.backfills.get((body["task_id"], body["event_id"], body["generation"]))
        require(backfill is not None, invariant, f"{body}, but nobody requested it")
        assert backfill is not None
        backfill.ended = True
        require(body["runs"] == len(backfill.emitted), invariant, f"{body} of {backfill}")
        task = self._model.tasks.get(backfill.task_id)
        deleted = task is None or task.generation != backfill.generation
        right = deleted == (body["reason"] == "deleted")
        require(right, invariant, f"{body} though its task is {'deleted' if deleted else 'there'}")
        if task is None or deleted or len(task.changes) > backfill.changes:
            return
        event = backfill.event
        times = [second(text) for text in event.get("times") or ()]
        if not times:
            first, end = second(event["start"]), second(event["end"])
            occurrences = task.calendar.occurrences
            times = [at for at, _ in occurrences if first <= at < end]
        require(backfill.emitted == sorted(set(times)), invariant, f"{backfill}: requested {times}")
