"""PURE. What one record says, in the form in which it is projected."""

from typing import NamedTuple

from tasker_core.documents.calendars import CalendarContent
from tasker_core.documents.change_sets import ChangeSetStatement
from tasker_core.documents.handlers import HandlerContent
from tasker_core.documents.journal import JournalContent
from tasker_core.documents.missed_occurrences import MissedContent
from tasker_core.documents.partitions import WatermarkFields
from tasker_core.documents.runs import RunContent
from tasker_core.statistics.first_attempt import FirstAttempt
from tasker_log_sink.projection.revisions.revision_content import RevisionReport
from tasker_log_sink.projection.tasks.task_updates import NOT_FINISHED, FinishedVersion, NextTime, TaskUpdate


class DecodedRecord(NamedTuple):
    """Documents of its own, and what it says of its task.

    `task_updates` are written together with the documents. The task's progress (its `run`, its `next_time`, the
    version under which it is `finished`) may follow later. `calendar` defines it as it stands, while
    a `calendar_revision` is only known to have been. `change_set` is what is stated of one. `traceparent` is where the
    event of a verdict came from.
    `first_attempt` is what the report of a run says of the promise. `partition` is that of the record.
    """

    task_id: str = ""
    task_updates: tuple[TaskUpdate, ...] = ()
    run: RunContent | None = None
    next_time: NextTime | None = None
    finished: FinishedVersion = NOT_FINISHED
    journal: JournalContent | None = None
    missed: MissedContent | None = None
    revisions: RevisionReport | None = None
    watermark: WatermarkFields | None = None
    handler: HandlerContent | None = None
    calendar: CalendarContent | None = None
    calendar_revision: CalendarContent | None = None
    change_set: ChangeSetStatement | None = None
    traceparent: str | None = None
    first_attempt: FirstAttempt | None = None
    partition: int = 0
