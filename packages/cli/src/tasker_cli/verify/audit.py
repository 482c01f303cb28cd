"""One audit: its window, one partition after the other, a process for each core, and what they found together."""

from collections.abc import Callable, Sequence
from typing import Final

from tasker_cli.verify.audit_scope import AuditResult, AuditScope, PartitionScope
from tasker_cli.verify.enumeration.calendar_versions import CalendarVersions
from tasker_cli.verify.instants import instant_text
from tasker_cli.verify.judgement.findings import Findings
from tasker_cli.verify.partition_audit import PartitionAudit, PartitionResult
from tasker_cli.verify.partition_processes import PartitionProcesses
from tasker_cli.verify.progress import TerminalProgress
from tasker_cli.verify.reading.calendar_reader import calendar_versions
from tasker_cli.verify.reading.log_reader import log_kept_since, task_ids
from tasker_cli.verify.reading.retention import retentions
from tasker_cli.verify.reading.topic_reader import KeptRecords, TopicReader
from tasker_core.errors import TaskerError
from tasker_core.topics import partition_of
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.mongo import Mongo

READ: Final = ("task-events", "verdicts", "due-tasks", "due-background", "results")
WHOLE_MS: Final = 2_000
"""So long after the first record that is kept a topic is taken to be whole."""
FEW_RECORDS: Final = 200_000
"""So many are read in one process."""
READING_SECONDS: Final = 600
"""What Kafka may delete within so long, a tenth of what is kept at most, is not judged: it might while it is read."""

_DENIED: Final = (
    "for how long Kafka keeps {topics}: its user lacks the permission DescribeConfigs on them; where old records are "
    "deleted already, only what is younger than the first one left of each partition is judged"
)


class NothingToAudit(TaskerError):
    """There is nothing that can be judged; the text says why, and what to do."""


class Audit:
    """Reads the topics under the prefixes (a migration's source first), and the log."""

    def __init__(
        self,
        kafka: KafkaConnection,
        topic_prefixes: Sequence[str],
        mongo: Mongo,
        scope: AuditScope,
        now_ms: Callable[[], int],
        progress: TerminalProgress,
        processes: PartitionProcesses | None = None,
    ) -> None:
        self._kafka, self._prefixes, self._mongo, self._scope = kafka, topic_prefixes, mongo, scope
        self._now_ms, self._progress, self._processes = now_ms, progress, processes
        self._not_read = list[str]()

    async def run(self) -> AuditResult:
        """Read and judge. Raises NothingToAudit, UnreadableTopic, TopicMissing, KafkaError, PyMongoError."""
        try:
            return await self._run()
        except NothingToAudit as error:
            raise NothingToAudit("; not read: ".join([str(error), *self._not_read])) from None

    async def _run(self) -> AuditResult:
        scope, now_ms = self._scope, self._now_ms()
        settled = now_ms // 1000 - scope.settled_seconds
        end = settled if scope.end is None else min(scope.end, settled)
        keeps = await self._kept(now_ms)
        numbers, since = [kept[0].partitions for kept in keeps], _whole_since(keeps)
        records = sum(one.records for kept in keeps for one in kept)
        if since is not None:
            since += max(0, min(READING_SECONDS, (now_ms // 1000 - since) // 10))
        calendars = await self._calendars(numbers)
        kept_log = await log_kept_since(self._mongo, now_ms // 1000)
        bounds = [one for one in (scope.begin, since, kept_log if since is not None else None) if one is not None]
        begin = max(bounds, default=None)
        if begin is not None and begin > end:
            raise NothingToAudit(
                f"nothing between {instant_text(begin)} and {instant_text(end)} can be judged: what is judged is kept "
                f"by the topics, and {scope.settled_seconds} s old"
            )
        prefixes = tuple(zip(self._prefixes, numbers, strict=True))
        standing = [list[str]() for _ in range(numbers[-1])]
        async for task_id in task_ids(self._mongo, scope.task_prefix):
            standing[partition_of(task_id, numbers[-1])].append(task_id)
        fresh_ms = now_ms - scope.settled_seconds * 1000
        parts = [
            PartitionScope(scope, number, prefixes, begin, end, fresh_ms, tuple(ids), calendars)
            for number, ids in enumerate(standing)
        ]
        self._progress.expect(records)
        if self._processes is None or records <= FEW_RECORDS:
            results = await self._audit_here(parts)
        else:
            results = await self._processes.audit(parts, self._progress)
        await self._refuse_deleted(keeps, begin)
        return self._together(results, begin, end)

    async def _kept(self, now_ms: int) -> list[list[KeptRecords]]:
        """What the topics of each prefix hold."""
        kafka, names = self._kafka, [[f"{prefix}.{name}" for name in READ] for prefix in self._prefixes]
        keep_ms, denied = await retentions(kafka, [topic for topics in names for topic in topics])
        self._not_read = [_DENIED.format(topics=", ".join(denied))] if denied else []
        async with TopicReader(kafka.client_options(), self._progress.advance) as reader:
            return [[await reader.kept(topic, now_ms, keep_ms.get(topic)) for topic in topics] for topics in names]

    async def _refuse_deleted(self, before: Sequence[Sequence[KeptRecords]], begin: int | None) -> None:
        """Raises NothingToAudit where Kafka has deleted what was judged while it was read: it would be called lost."""
        after = await self._kept(self._now_ms())
        since = _whole_since(after)
        if since is None or _begins(before) == _begins(after) or (begin is not None and begin >= since):
            return
        raise NothingToAudit(
            "while the topics were read, Kafka deleted what it keeps no longer: begin later, with "
            f"--from {instant_text(since + READING_SECONDS)}"
        )

    async def _calendars(self, numbers: Sequence[int]) -> CalendarVersions:
        prefixes = list(zip(self._prefixes, numbers, strict=True))
        async with TopicReader(self._kafka.client_options(), self._progress.advance) as topics:
            return await calendar_versions(topics, prefixes, self._mongo)

    async def _audit_here(self, parts: Sequence[PartitionScope]) -> list[PartitionResult]:
        async with TopicReader(self._kafka.client_options(), self._progress.advance) as topics:
            return [
                await PartitionAudit(part, topics, self._mongo, self._now_ms, self._progress.advance).run()
                for part in parts
            ]

    def _together(self, results: Sequence[PartitionResult], begin: int | None, end: int) -> AuditResult:
        findings = Findings()
        for result in results:
            findings.merge(result.findings)
        firsts = [result.first for result in results if result.first is not None]
        ids = [one for result in results if result.ids for one in result.ids]
        findings.outages.sort()
        if not ids or not (findings.counted["due"] or findings.counts.total() or findings.counted["emitted"]):
            raise NothingToAudit(self._nothing(findings, len(ids), min(firsts, default=begin or end), end))
        unreadable = [result.unreadable for result in results]
        return AuditResult(
            findings,
            sum(result.tasks for result in results),
            min(ids),
            max(ids),
            min(firsts),
            end,
            sum(one.count for one in unreadable),
            next((one.first for one in unreadable if one.first), ""),
            tuple(self._not_read),
        )

    def _nothing(self, findings: Findings, ids: int, first: int, last: int) -> str:
        under = f"whose id begins with {self._scope.task_prefix!r}" if self._scope.task_prefix else "at all"
        span = f"between {instant_text(first)} and {instant_text(last)}"
        if findings.counted["while paused"]:
            return f"nothing was due {span}: all tasks {under} were paused"
        for reason, count in findings.unaudited.items():
            return f"nothing could be judged: {count:,} {reason} ({findings.unaudited_first[reason]})"
        what = f"no task {under} was due {span}" if ids or first <= last else f"there is no task {under}"
        return f"{what}: name others with --tasks, or wait: what is judged is {self._scope.settled_seconds} s old"


def _whole_since(keeps: Sequence[Sequence[KeptRecords]]) -> int | None:
    """The second since which all topics are whole; None: since ever."""
    found = [(one.since_ms + WHOLE_MS) // 1000 for kept in keeps for one in kept if one.since_ms is not None]
    return max(found, default=None)


def _begins(keeps: Sequence[Sequence[KeptRecords]]) -> list[tuple[int, ...]]:
    return [one.begins for kept in keeps for one in kept]
