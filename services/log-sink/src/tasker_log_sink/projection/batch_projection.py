"""PURE. Decoded records and what is stored → what to write. The documents are the same in whatever order records come.

What is stored is read and written in one transaction on a snapshot: whoever changes it meanwhile makes one of both
start again, so that the rules here hold as if they were the database's own. (A run that is not looked for is inserted,
which fails where it is stored.)
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from tasker_core.documents.calendars import CalendarDocument, revision_id
from tasker_core.documents.change_sets import ChangeSetDocument
from tasker_core.documents.handlers import HandlerContent, HandlerDocument
from tasker_core.documents.journal import JournalContent, JournalDocument, JournalVerdict
from tasker_core.documents.missed_occurrences import MissedContent, MissedDocument
from tasker_core.documents.revisions import RevisionPosition
from tasker_core.documents.runs import FirstAttemptDocument, RunContent, RunDocument
from tasker_core.documents.tasks import TaskDocument, TaskStateFields
from tasker_core.messages.verdicts import VerdictWord
from tasker_core.statistics.batch_statistics import BatchStatistics
from tasker_log_sink.projection.batch_statistics import StatisticsDraft
from tasker_log_sink.projection.calendars import project_calendars
from tasker_log_sink.projection.change_sets import project_change_sets
from tasker_log_sink.projection.collection_changes import CollectionChanges
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_log_sink.projection.revisions.revision_content import RevisionReport
from tasker_log_sink.projection.revisions.revision_order import Positions, place_revisions
from tasker_log_sink.projection.runs import is_first_report, merge_run
from tasker_log_sink.projection.tasks.earlier_documents import completed
from tasker_log_sink.projection.tasks.task_definition import unknown_definition
from tasker_log_sink.projection.tasks.task_progress import TaskProgress
from tasker_log_sink.projection.tasks.task_updates import TaskDraft, TaskUpdate, unknown_task

ProjectedCollection = Literal[
    "calendar_revisions", "calendars", "change_sets", "handlers", "journal", "missed", "revisions", "runs", "tasks"
]
FORWARDED: Final[VerdictWord] = "forwarded"


@dataclass(frozen=True, slots=True)
class StoredDocuments:
    """Of each collection the documents that a batch meets, by their ids; only the fields that decide.

    `revisions`: by the ids of tasks, as `revision_order.py` needs them.
    """

    calendar_revisions: Container[str] = ()
    calendars: Mapping[str, CalendarDocument] = field(default_factory=dict[str, CalendarDocument])
    change_sets: Mapping[str, ChangeSetDocument] = field(default_factory=dict[str, ChangeSetDocument])
    handlers: Mapping[str, HandlerDocument] = field(default_factory=dict[str, HandlerDocument])
    journal: Mapping[str, JournalVerdict] = field(default_factory=dict[str, JournalVerdict])
    missed: Container[str] = ()
    revisions: Positions = field(default_factory=dict[str, Sequence[RevisionPosition]])
    runs: Mapping[str, RunDocument] = field(default_factory=dict[str, RunDocument])
    tasks: Mapping[str, TaskStateFields] = field(default_factory=dict[str, TaskStateFields])


@dataclass(frozen=True, slots=True)
class ProjectedBatch:
    """The writes of a batch, what it adds to the statistics, and by task id the progress to be written after them."""

    changes: Mapping[ProjectedCollection, CollectionChanges[Any]]
    progress: dict[str, TaskProgress]
    statistics: BatchStatistics


def needed_ids(records: Sequence[DecodedRecord]) -> dict[ProjectedCollection, list[str]]:
    """The ids of the stored documents that `project` needs; of `revisions` those of their tasks."""
    ids: dict[ProjectedCollection, Iterable[str]] = {
        "calendar_revisions": (
            revision_id(one["name"], one["version"]) for r in records if (one := r.calendar or r.calendar_revision)
        ),
        "calendars": (r.calendar["name"] for r in records if r.calendar is not None),
        "change_sets": (r.change_set["_id"] for r in records if r.change_set is not None),
        "handlers": (r.handler["_id"] for r in records if r.handler is not None),
        "journal": (r.journal["_id"] for r in records if r.journal is not None),
        "missed": (r.missed["_id"] for r in records if r.missed is not None),
        "revisions": (r.task_id for r in records if r.revisions is not None),
        "runs": (r.run["_id"] for r in records if r.run is not None),
        "tasks": (r.task_id for r in records if r.task_updates),
    }
    return {collection: list(dict.fromkeys(some)) for collection, some in ids.items()}


def first_reports(records: Sequence[DecodedRecord]) -> set[str]:
    """The ids of the runs that a batch is most likely the first to tell of."""
    first, later = set[str](), set[str]()
    for record in records:
        if (run := record.run) is not None:
            (first if is_first_report(run) else later).add(run["_id"])
    return first - later


def revision_reports(records: Sequence[DecodedRecord]) -> list[RevisionReport]:
    """What a batch says of the revisions of tasks."""
    return [record.revisions for record in records if record.revisions is not None]


def project(records: Sequence[DecodedRecord], stored: StoredDocuments, now: datetime) -> ProjectedBatch:
    """What a batch of records, in the order in which they were read, changes; `now` becomes `logged_at`."""
    runs: dict[str, RunContent] = {}
    task_updates: dict[str, list[TaskUpdate]] = {}
    missed_in: dict[str, int] = {}
    draft = StatisticsDraft(now)
    for record in records:
        if (run := record.run) is not None:
            before = runs.get(run["_id"]) or stored.runs.get(run["_id"])
            runs[run["_id"]] = after = run if before is None else merge_run(before, run)
            draft.add_run(record, run, before, after)
        if record.missed is not None:
            missed_in[record.missed["_id"]] = record.partition
        if record.task_updates:
            task_updates.setdefault(record.task_id, []).extend(record.task_updates)
    missed = _project_missed((r.missed for r in records), stored.missed, now)
    calendars, calendar_revisions = project_calendars(
        [r.calendar for r in records if r.calendar is not None],
        [r.calendar_revision for r in records if r.calendar_revision is not None],
        stored.calendars,
        stored.calendar_revisions,
        now,
    )
    changes: dict[ProjectedCollection, CollectionChanges[Any]] = {
        "calendar_revisions": calendar_revisions,
        "calendars": calendars,
        "change_sets": project_change_sets(
            (r.change_set for r in records if r.change_set is not None), stored.change_sets, now
        ),
        "handlers": _project_handlers((r.handler for r in records), stored.handlers, now),
        "journal": _project_journal((r.journal for r in records), stored.journal, now),
        "missed": missed,
        "revisions": CollectionChanges(*place_revisions(revision_reports(records), stored.revisions, now)),
        "runs": _project_runs(runs, stored.runs, draft.first_attempts, now),
        "tasks": project_tasks(task_updates, stored.tasks, now),
    }
    statistics = draft.finished((one, missed_in[one["_id"]]) for one in missed.inserts)
    return ProjectedBatch(changes, _progress(records, runs), statistics)


def project_tasks(
    updates: Mapping[str, Sequence[TaskUpdate]], stored: Mapping[str, TaskStateFields], now: datetime
) -> CollectionChanges[TaskDocument]:
    """The writes to `tasks` that updates bring; a task that becomes hidden by them is so since `now`."""
    changes = CollectionChanges[TaskDocument]()
    for task_id, some in updates.items():
        before = stored.get(task_id)
        draft = TaskDraft(unknown_task(task_id) if before is None else completed(before))
        for update in some:
            update.apply(draft)
        fields, definition = draft.fields, draft.definition
        if before is None or fields["deleted"] != before["deleted"]:
            fields["gone_at"] = now if fields["deleted"] else None
        if before is None:
            changes.inserts.append({**fields, **(definition or unknown_definition())})
        elif changed := _changed(fields, before) | (definition or {}):
            changes.updates.append((task_id, changed))
    return changes


def _progress(records: Iterable[DecodedRecord], runs: Mapping[str, RunContent]) -> dict[str, TaskProgress]:
    found: dict[str, TaskProgress] = {}
    for record in records:
        if record.run is not None and record.run["kind"] == "alert":
            continue  # of no task
        if record.run is not None or record.next_time is not None or record.finished.version:
            run = None if record.run is None else runs[record.run["_id"]]
            new, before = TaskProgress.of(record.next_time, run, record.finished), found.get(record.task_id)
            found[record.task_id] = new if before is None else before.merged(new)
    return found


def _project_missed(
    documents: Iterable[MissedContent | None], stored: Container[str], now: datetime
) -> CollectionChanges[MissedDocument]:
    """A range is written once."""
    new: dict[str, MissedContent] = {}
    for document in documents:
        if document is not None and document["_id"] not in stored:
            new.setdefault(document["_id"], document)
    return CollectionChanges[MissedDocument]([{**document, "logged_at": now} for document in new.values()])


def _project_journal(
    documents: Iterable[JournalContent | None], stored: Mapping[str, JournalVerdict], now: datetime
) -> CollectionChanges[JournalDocument]:
    """The first verdict on an event stands. `forwarded` is none: the verdict comes from the event's own partition."""
    new: dict[str, JournalContent] = {}
    for document in documents:
        if document is not None:
            before = new.get(document["_id"]) or stored.get(document["_id"])
            if before is None or (before["verdict"] == FORWARDED != document["verdict"]):
                new[document["_id"]] = document
    changes = CollectionChanges[JournalDocument]()
    for entry, document in new.items():
        logged: JournalDocument = {**document, "logged_at": now}
        if entry in stored:
            changes.updates.append((entry, _changed(logged, stored[entry])))
        else:
            changes.inserts.append(logged)
    return changes


def _project_handlers(
    documents: Iterable[HandlerContent | None], stored: Mapping[str, HandlerDocument], now: datetime
) -> CollectionChanges[HandlerDocument]:
    """The last announcement of a name stands."""
    changes = CollectionChanges[HandlerDocument]()
    for name, document in {one["_id"]: one for one in documents if one is not None}.items():
        before = stored.get(name)
        logged: HandlerDocument = {**document, "logged_at": now}
        if before is None:
            changes.inserts.append(logged)
        elif _changed(document, before):
            changes.updates.append((name, _changed(logged, before)))
    return changes


def _project_runs(
    runs: Mapping[str, RunContent],
    stored: Mapping[str, RunDocument],
    first_attempts: Mapping[str, FirstAttemptDocument],
    now: datetime,
) -> CollectionChanges[RunDocument]:
    """`logged_at` is of what is shown: a run that keeps it has it already."""
    changes = CollectionChanges[RunDocument]()
    for run_id, run in runs.items():
        before = stored.get(run_id)
        if run is before:
            continue
        logged: RunDocument = {"logged_at": now, **run}
        if (first := first_attempts.get(run_id)) is not None:
            logged["first_attempt"] = first
        if before is None:
            changes.inserts.append(logged)
        else:
            changes.updates.append((run_id, _changed(logged, before)))
    changes.inserts.sort(key=lambda run: run["_id"])  # each index then gets its entries one beside the other
    return changes


def _changed(document: Mapping[str, object], before: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in document.items() if name not in before or before[name] != value}
