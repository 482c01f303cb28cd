"""The tasks of one partition, as verdicts, events, watermarks and the log tell of them."""

from collections.abc import Callable, Sequence
from typing import Any

from tasker_cli.verify.audit_scope import PartitionScope
from tasker_cli.verify.judgement.findings import Findings
from tasker_cli.verify.lives.definition import definition_of
from tasker_cli.verify.lives.partition_time import PartitionTime
from tasker_cli.verify.lives.task_events import (
    ALERTS,
    CALENDAR_EVENTS,
    NO_TASK_EVENTS,
    EventRecord,
    backfilled,
    read_event,
)
from tasker_cli.verify.lives.task_life import Change, TaskLife
from tasker_cli.verify.reading.log_reader import defined_tasks, revisions
from tasker_cli.verify.reading.records import (
    UNREADABLE,
    Unreadable,
    VerdictRecord,
    decode_json,
    decode_verdict,
    decode_watermark,
)
from tasker_cli.verify.reading.topic_reader import TopicReader
from tasker_core.topics import partition_of
from tasker_runtime.mongo import Mongo


class PartitionLives:
    """`lives` by task id, and the partition's `time`, once `read` is done."""

    def __init__(self, scope: PartitionScope, findings: Findings, unreadable: Unreadable) -> None:
        self._scope, self._findings, self._unreadable = scope, findings, unreadable
        self.lives: dict[str, TaskLife] = {}
        self.time = PartitionTime()
        self._prefix = scope.scope.task_prefix
        self._answered = set[int]()
        """Hashes of what was answered (`_answer`)."""
        self._events: list[tuple[EventRecord, int]] = []
        self._earliest: int | None = None
        self._under_unknown_days = set[str]()
        self._verdicts_read: dict[tuple[str, int], int] = {}

    async def read(self, topics: TopicReader, mongo: Mongo) -> None:
        """Read all that tells of them. Raises UnreadableTopic, KafkaError, PyMongoError."""
        prefix, partition = self._scope.prefixes[-1][0], self._scope.partition
        await topics.read(f"{prefix}.watermarks", partition, self._each(self._add_watermark))
        for one, place in self._scope.places():
            topic = f"{one}.verdicts"
            self._verdicts_read[topic, place] = await topics.read(topic, place, self._each(self._add_verdict))
        await topics.read(f"{prefix}.task-events", partition, self._each(self._add_event))
        await self._add_standing(mongo)

    async def read_ended(self, topics: TopicReader) -> None:
        """Read on which runs the ticker has ended: the log may show it. Raises UnreadableTopic, KafkaError."""
        handle = self._each(self._add_ended)
        for (topic, place), offset in self._verdicts_read.items():
            self._verdicts_read[topic, place] = await topics.read(topic, place, handle, from_offset=offset)

    def first_second(self) -> int | None:
        """The first second that can be judged; None where there is nothing."""
        known = [life.changes[0].at for life in self.lives.values() if life.changes]
        if not known:
            return None
        return min(known) if self._scope.begin is None else self._scope.begin

    def judge_answers(self, first: int) -> None:
        """Find the events of the window that have no verdict, though the ticker has passed them."""
        last_ms = min(self._scope.fresh_ms, self._scope.end * 1000)
        for event, appended_ms in self._events:
            if first * 1000 <= appended_ms <= last_ms:
                what = f"the event {event.id} ({event.type}) has no verdict"
                self._findings.add("unanswered", appended_ms // 1000, event.task_id, what)

    def _each(self, use: Callable[[Any], None]) -> Callable[[Sequence[Any]], None]:
        def handle(records: Sequence[Any]) -> None:
            for record in records:
                if record.value is not None:
                    try:
                        use(record)
                    except UNREADABLE as error:
                        self._unreadable.add(record, error)

        return handle

    def _add_watermark(self, record: Any) -> None:
        self.time.add(decode_watermark(record.value), record.timestamp)

    def _add_verdict(self, record: Any) -> None:
        if record.key is not None and not record.key.startswith(self._prefix.encode()):
            return
        verdict: VerdictRecord = decode_verdict(record.value)
        task_id = verdict.task_id
        if verdict.type == "verdict":
            self._answered.add(_answer(verdict.event_type, task_id, verdict.event_id))
        if (
            verdict.event_type in NO_TASK_EVENTS
            or verdict.verdict in ("rejected", "superseded", "forwarded")
            or not task_id.startswith(self._prefix)
            or task_id.startswith(ALERTS)
        ):
            return
        number = self._scope.prefixes[-1][1]
        if len(self._scope.prefixes) > 1 and partition_of(task_id, number) != self._scope.partition:
            return
        life = self.lives.setdefault(task_id, TaskLife(task_id))
        life.apply(verdict, record.timestamp)
        at = record.timestamp // 1000
        self._earliest = at if self._earliest is None else min(at, self._earliest)

    def _add_ended(self, record: Any) -> None:
        if decode_verdict(record.value).type == "ended":
            self._add_verdict(record)

    def _add_event(self, record: Any) -> None:
        if record.offset >= self.time.next_offset:
            return
        try:
            event = read_event(record, decode_json(record.value))
        except UNREADABLE:
            return  # what is no event goes to the dead letters
        if event is None or not event.task_id.startswith(self._prefix):
            return
        life = self.lives.get(event.task_id)
        if event.type == "backfill" and life is not None and (backfill := life.backfills.get(event.id)) is not None:
            backfill.bounds, backfill.times = backfilled(event.data)
        if _answer(event.type, event.task_id, event.id) not in self._answered:
            self._events.append((event, record.timestamp))

    async def _add_standing(self, mongo: Mongo) -> None:
        """Of tasks whose verdicts are deleted by now, the log knows the definition, unchanged ever since."""
        begin = self._scope.begin if self._scope.begin is not None else self._earliest
        unknown = [one for one in self._scope.standing if one not in self.lives or not self.lives[one].changes]
        async for task_id, task, version, generation, finished, calendars in defined_tasks(mongo, unknown):
            life = self.lives.setdefault(task_id, TaskLife(task_id))
            try:
                definition = definition_of(task, version, calendars)
            except UNREADABLE as error:
                self._findings.leave_out(f"tasks whose document makes no sense ({type(error).__name__})", task_id)
                continue
            life.finished = finished
            at = self._scope.end if begin is None else begin - 1
            life.changes.append(Change(at, definition, generation, "standing"))
        await self._add_revisions(mongo)
        self._leave_out_unknown_days()
        for life in self.lives.values():
            if not life.changes and life.task_id not in self._under_unknown_days:
                reason = "tasks of which neither the verdicts that are kept nor the log say when they are due"
                self._findings.leave_out(reason, life.task_id)

    def _leave_out_unknown_days(self) -> None:
        """What a task was up to a version of a calendar whose days are not known is not known either."""
        knows, end = self._scope.calendars.knows, self._scope.end
        for life in self.lives.values():
            places = [n for n, one in enumerate(life.changes) if one.at <= end and one.definition is not None]
            unknown = [n for n in places if (found := life.changes[n].definition) and not knows(found.written)]
            if unknown:
                del life.changes[: unknown[-1] + 1]
                self._under_unknown_days.add(life.task_id)
                reason = "tasks under a version of a calendar whose days neither its verdict nor the log say any more"
                self._findings.leave_out(reason, life.task_id)

    async def _add_revisions(self, mongo: Mongo) -> None:
        """Of tasks that were changed within the window, the log may know what they were when it began."""
        begun = {
            life.task_id: life.changes[0].at
            for life in self.lives.values()
            if life.changes and not life.changes[0].creates and life.changes[0].event_type != "standing"
        }
        begin = self._scope.begin if self._scope.begin is not None else self._earliest
        before: dict[str, list[Change]] = {}
        async for one in revisions(mongo, sorted(begun)):
            task_id, at = one["task_id"], max(one["at"], 0 if begin is None else begin - 1)
            if at >= begun[task_id]:
                continue
            try:
                task = one["task"]
                definition = None if task is None else definition_of(task, one["version"], one["calendars"])
            except UNREADABLE:
                continue
            known = before.setdefault(task_id, [])
            if known and known[-1].at == at:
                known.pop()  # only what stood when the window began counts
            known.append(Change(at, definition, one["generation"], "standing"))
        for task_id, changes in before.items():
            self.lives[task_id].changes[:0] = changes


def _answer(event_type: str, name: str, event_id: str) -> int:
    """What stands for an event; a calendar may have the name of a task."""
    return hash((event_type in CALENDAR_EVENTS, name, event_id))
