"""One audit, from the topics and the log to the findings."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from tasker_cli.verify.audit_result import AuditResult, AuditScope
from tasker_cli.verify.instants import epoch_second, instant_text
from tasker_cli.verify.log_reader import defined_tasks, logged_missed, logged_runs
from tasker_cli.verify.message_decoder import MessageDecoder
from tasker_cli.verify.occurrence_judge import OccurrenceJudge
from tasker_cli.verify.second_ledger import BYTES_A_SECOND
from tasker_cli.verify.task_life import TaskLife
from tasker_cli.verify.topic_reader import Progress, TopicReader
from tasker_core.errors import TaskerError
from tasker_runtime.mongo import Mongo

FRESH_MS: Final = 10_000
PREPARED_MS: Final = 5_000
"""So long before the window its first records may have been appended."""
MAX_SECONDS: Final = 10_000_000
"""Of all tasks together: 24 bytes each are kept."""
WATERMARK_TAIL: Final = 200


class NothingToAudit(TaskerError):
    """There is nothing that can be judged; the text says why, and what to do."""


class Audit:
    """Reads everything once, in an order in which what is logged is always known from the topics already."""

    def __init__(
        self,
        client_options: Mapping[str, Any],
        topic_prefixes: Sequence[str],
        mongo: Mongo,
        scope: AuditScope,
        now_ms: Callable[[], int],
        progress: Progress,
    ) -> None:
        self._options, self._topic_prefixes, self._mongo, self._scope = client_options, topic_prefixes, mongo, scope
        self._now_ms, self._progress = now_ms, progress
        self._lives: dict[str, TaskLife] = {}
        self._decoder = MessageDecoder(scope.task_prefix)

    async def run(self) -> AuditResult:
        """Read and judge. Raises NothingToAudit, UnreadableTopic, KafkaError, PyMongoError."""
        now_s = self._now_ms() // 1000
        last = now_s - self._scope.settled_seconds
        await self._check_gaps(last)
        kept = await self._read_verdicts()
        await self._add_defined(kept)
        unfit = {task_id: life.unfit for task_id, life in self._lives.items() if life.unfit}
        lives = {task_id: life for task_id, life in sorted(self._lives.items()) if not life.unfit}
        first = max(kept, 0 if self._scope.since_seconds is None else now_s - self._scope.since_seconds)
        lives = {task_id: life for task_id, life in lives.items() if life.bounds(first, last)}
        due_first, due_last = self._checked_window(lives, unfit, first, last)
        judge = OccurrenceJudge(lives, first, last, self._scope.late_ms)
        await self._judge(judge, lives, due_first, due_last)
        found = judge.conclude()
        if found.is_right and not found.due:
            raise NothingToAudit(
                f"nothing was due between {instant_text(due_first)} and {instant_text(due_last)}: all {len(lives)} "
                "tasks were paused; resume them, or name others with --tasks"
            )
        unreadable = self._decoder.unreadable, self._decoder.first_unreadable
        return AuditResult(list(lives), unfit, due_first, due_last, found, *unreadable)

    def _topics(self, name: str) -> Iterator[TopicReader]:
        """A topic, under one prefix after another."""
        for prefix in self._topic_prefixes:
            yield TopicReader(self._options, f"{prefix}.{name}")

    async def _check_gaps(self, last: int) -> None:
        """What lies in a gap that the ticker is still working off is not decided yet."""
        gaps: dict[int, list[tuple[int, str, str]]] = {}

        def note(mark: dict[str, Any], record: Any) -> None:
            found = [(epoch_second(gap["from"]), gap["from"], gap["to"]) for gap in mark.get("catch_up", ())]
            gaps[record.partition] = found

        *_, newest = self._topics("watermarks")
        async with newest as topic:
            await topic.seek_to_tail(WATERMARK_TAIL)
            await topic.read_to_end(self._decoder.of_all(note), self._progress)
        for partition, found in gaps.items():
            for begin, begin_text, end_text in found:
                if begin < last:
                    raise NothingToAudit(
                        f"the ticker is still working off an outage from {begin_text} to {end_text} (partition "
                        f"{partition}): verify again when it is done"
                    )

    async def _read_verdicts(self) -> int:
        """Read all verdicts about our tasks; returns the first second from which all topics are kept whole."""

        def apply(message: dict[str, Any], record: Any) -> None:
            task_id = message["task_id"]
            self._lives.setdefault(task_id, TaskLife(task_id)).apply(message, record.timestamp)

        kept = 0
        for name in ("due-tasks", "due-background", "results", "verdicts"):
            for reader in self._topics(name):
                async with reader as topic:
                    since = await topic.kept_since_ms()
                    kept = max(kept, 0 if since is None else since // 1000 + 2)
                    if name == "verdicts":
                        await topic.read_to_end(self._decoder.of_tasks(apply), self._progress)
        return kept

    async def _add_defined(self, kept: int) -> None:
        """Of tasks whose verdicts are deleted by now, the log knows the definition."""
        async for task_id, task in defined_tasks(self._mongo, self._scope.task_prefix):
            life = self._lives.setdefault(task_id, TaskLife(task_id))
            if not life.is_defined:
                life.define(kept, task)
        for life in self._lives.values():
            if life.was_active and not life.is_defined:
                life.unfit = "neither the verdicts that are kept nor the log say when it is due"

    def _checked_window(
        self, lives: Mapping[str, TaskLife], unfit: Mapping[str, str], first: int, last: int
    ) -> tuple[int, int]:
        """The window in which something is due. Raises NothingToAudit when there is none, or too much of it."""
        under = f"whose id begins with {self._scope.task_prefix!r}"
        if not lives:
            if unfit:
                task_id, reason = next(iter(unfit.items()))
                raise NothingToAudit(f"no task {under} is due every second; {task_id}: {reason}")
            raise NothingToAudit(
                f"no task {under} was due between {instant_text(first)} and {instant_text(last)}: name others with "
                f"--tasks, make some with `python -m bench load`, or wait: what is judged is "
                f"{self._scope.settled_seconds} s old"
            )
        bounds = [life.bounds(first, last) for life in lives.values()]
        if (seconds := sum(map(len, bounds))) > MAX_SECONDS:
            raise NothingToAudit(
                f"{len(lives)} tasks with {seconds:,} seconds together are too many for the memory of one audit "
                f"({seconds * BYTES_A_SECOND // 2**20:,} MiB): say --since, or name fewer with --tasks"
            )
        return min(one.start for one in bounds), max(one.stop for one in bounds) - 1

    async def _judge(self, judge: OccurrenceJudge, lives: Mapping[str, TaskLife], first: int, last: int) -> None:
        start_ms = first * 1000 - PREPARED_MS
        for name in ("due-tasks", "due-background"):  # a later attempt is in the second

            def add_due(message: dict[str, Any], record: Any) -> None:
                judge.add_due(message, record.timestamp)

            for reader in self._topics(name):
                async with reader as topic:
                    await topic.seek_to_time(start_ms)
                    await topic.read_to_end(self._decoder.of_tasks(add_due), self._progress)
        fresh_ms = self._now_ms() - FRESH_MS

        def add_result(message: dict[str, Any], record: Any) -> None:
            judge.add_result(message, record.timestamp, fresh=record.timestamp > fresh_ms)

        handle = self._decoder.of_tasks(add_result)
        *olds, newest = self._topics("results")
        for reader in olds:
            async with reader as results:
                await results.seek_to_time(start_ms)
                await results.read_to_end(handle, self._progress)
        async with newest as results:
            await results.seek_to_time(start_ms)
            await results.read_to_end(handle, self._progress)
            await self._judge_documents(judge, lives, first, last)
            await results.read_to_end(handle, self._progress)  # what was logged meanwhile
        async for task_id, missed in logged_missed(self._mongo, lives, first):
            judge.add_missed_document(task_id, missed)

    async def _judge_documents(
        self, judge: OccurrenceJudge, lives: Mapping[str, TaskLife], first: int, last: int
    ) -> None:
        total, count = sum(len(life.bounds(first, last)) for life in lives.values()), 0
        async for run in logged_runs(self._mongo, lives, first, last):
            judge.add_run_document(run)
            count += 1
            self._progress("the log", count, total)
