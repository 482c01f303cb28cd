"""One partition, from its topics and the log to the findings."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tasker_cli.verify.audit_scope import PartitionScope
from tasker_cli.verify.judgement.conclusion import Conclusion
from tasker_cli.verify.judgement.emission_judge import EmissionJudge
from tasker_cli.verify.judgement.findings import Findings
from tasker_cli.verify.judgement.log_judge import LogJudge
from tasker_cli.verify.judgement.missed_judge import MissedJudge
from tasker_cli.verify.judgement.requests import judge_requests
from tasker_cli.verify.judgement.window import AuditedTasks
from tasker_cli.verify.lives.due_pieces import DuePieces, Piece
from tasker_cli.verify.lives.task_life import TaskLife
from tasker_cli.verify.partition_lives import PartitionLives
from tasker_cli.verify.reading.log_reader import logged_missed, logged_runs, runs_by_id
from tasker_cli.verify.reading.records import UNREADABLE, SecondTexts, Unreadable, decode_due, decode_result
from tasker_cli.verify.reading.topic_reader import Handle, Progress, TopicReader
from tasker_runtime.mongo import Mongo

PREPARED_MS: Final = 5_000
"""So long before the window its first records may have been appended."""
FRESH_MS: Final = 10_000


@dataclass(slots=True)
class PartitionResult:
    """`first`: the first second that was judged; `tasks`: how many were, and the first and last of their ids."""

    findings: Findings = field(default_factory=Findings)
    first: int | None = None
    tasks: int = 0
    ids: tuple[str, str] | None = None
    unreadable: Unreadable = field(default_factory=Unreadable)


class PartitionAudit:
    """Reads the topics once for each portion of tasks that fits into memory, the log in between.

    All goes on meanwhile. So watermarks are read first: of what they leave to be done anything may be seen later
    (AuditedTasks.may_come). Then come verdicts, runs, results and the log, each behind its cause; and behind the log,
    what it may show that was in no topic then: results once more, and which runs the ticker itself has ended.
    """

    def __init__(
        self, scope: PartitionScope, topics: TopicReader, mongo: Mongo, now_ms: Callable[[], int], progress: Progress
    ) -> None:
        self._scope, self._topics, self._mongo = scope, topics, mongo
        self._now_ms, self._progress = now_ms, progress
        self._seconds = SecondTexts()
        self._result = PartitionResult()

    async def run(self) -> PartitionResult:
        """Read and judge. Raises UnreadableTopic, KafkaError, PyMongoError."""
        result, scope = self._result, self._scope
        known = PartitionLives(scope, result.findings, result.unreadable)
        await known.read(self._topics, self._mongo)
        lives, time = known.lives, known.time
        first = known.first_second()
        if first is None or first > scope.end:
            return result
        result.first = first
        result.findings.outages = [
            (scope.partition, one.after, one.to) for one in time.outages if one.to >= first and one.after <= scope.end
        ]
        known.judge_answers(first)
        fit = [life for life in lives.values() if life.changes]
        fit.sort(key=lambda life: next((one.definition.schedule for one in life.changes if one.definition), ""))
        for portion in self._portions(fit, first):
            await self._judge(portion, known, first)
        ids = sorted(life.task_id for life in fit)
        result.tasks, result.ids = len(ids), (ids[0], ids[-1]) if ids else None
        return result

    def _portions(self, lives: Sequence[TaskLife], first: int) -> Iterator[list[tuple[TaskLife, list[Piece]]]]:
        """Tasks with what they had to run, so many that their rows fit into memory."""
        due, portion, rows = (
            DuePieces(first, self._scope.end, self._scope.calendars),
            list[tuple[TaskLife, list[Piece]]](),
            0,
        )
        for life in lives:
            try:
                pieces = due.of(life)
            except (ValueError, KeyError, TypeError, OSError) as error:
                reason = f"schedules that this audit does not understand ({type(error).__name__}: {str(error)[:80]})"
                self._result.findings.leave_out(reason, life.task_id)
                continue
            begin = life.changes[0]
            if not begin.creates and begin.at > first:
                reason = "tasks before the first change that is kept: what they were then is not known"
                self._result.findings.leave_out(reason, life.task_id)
            size = sum(map(len, pieces))
            if portion and rows + size > self._scope.scope.max_rows:
                yield portion
                portion, rows = [], 0
            portion.append((life, pieces))
            rows += size
        if portion:
            yield portion

    async def _judge(
        self,
        portion: list[tuple[TaskLife, list[Piece]]],
        known: PartitionLives,
        first: int,
    ) -> None:
        scope, lives = self._scope, {life.task_id: life for life, _ in portion}
        tasks = AuditedTasks(
            first,
            scope.end,
            scope.scope.late_ms,
            scope.fresh_ms,
            lives,
            {life.task_id: pieces for life, pieces in portion},
            known.time,
            scope.calendars,
            strict=scope.scope.strict,
        )
        missed = MissedJudge(tasks)
        emissions, log = EmissionJudge(tasks, self._seconds), LogJudge(tasks, self._seconds)
        start_ms = first * 1000 - PREPARED_MS
        keys = {task_id.encode() for task_id in lives}
        for name in ("due-tasks", "due-background"):  # a later attempt is in the second
            handle = self._due(emissions, keys, live=name == "due-tasks")
            for topic, partition in self._places(name):
                await self._topics.read(topic, partition, handle, from_ms=start_ms)
        positions: dict[tuple[str, int], int] = {}
        fresh_ms = self._now_ms() - FRESH_MS
        handle = self._results(log, keys, fresh_ms)
        for topic, partition in self._places("results"):
            positions[topic, partition] = await self._topics.read(topic, partition, handle, from_ms=start_ms)
        async for runs in logged_runs(self._mongo, lives, first, scope.end):
            self._each(log.add_document, runs)
        async for runs in runs_by_id(self._mongo, emissions.found_apart):
            self._each(log.add_document, runs)
        for (topic, partition), offset in positions.items():  # what was logged meanwhile
            await self._topics.read(topic, partition, handle, from_offset=offset)
        async for task_id, begin, end, reason in logged_missed(self._mongo, lives, first):
            missed.add_document(task_id, begin, end, reason)
        await known.read_ended(self._topics)
        missed.conclude(scope.fresh_ms)
        Conclusion(tasks, log.deadlines).judge()
        judge_requests(tasks)
        self._result.findings.merge(tasks.findings)

    def _places(self, name: str) -> list[tuple[str, int]]:
        """The partitions that may hold records of these tasks, under one prefix after another."""
        return [(f"{prefix}.{name}", partition) for prefix, partition in self._scope.places()]

    def _each(self, use: Callable[[Any], None], runs: Iterable[Any]) -> None:
        count = 0
        for run in runs:
            use(run)
            count += 1
        self._progress("the log", count)

    def _due(self, judge: EmissionJudge, keys: set[bytes], *, live: bool) -> Handle:
        unreadable = self._result.unreadable

        def handle(records: Sequence[Any]) -> None:
            add, decode = judge.add, decode_due
            for record in records:
                if record.key in keys:
                    try:
                        add(decode(record.value), record.timestamp, live=live)
                    except UNREADABLE as error:
                        unreadable.add(record, error)

        return handle

    def _results(self, judge: LogJudge, keys: set[bytes], fresh_ms: int) -> Handle:
        unreadable = self._result.unreadable

        def handle(records: Sequence[Any]) -> None:
            add, decode = judge.add_result, decode_result
            for record in records:
                if record.key in keys:
                    at = record.timestamp
                    try:
                        add(decode(record.value), at, fresh=at > fresh_ms)
                    except UNREADABLE as error:
                        unreadable.add(record, error)

        return handle
