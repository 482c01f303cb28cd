"""PURE. DecodedRecord and what is stored → what to write. The documents come out the same in whatever order facts come.

What is stored is read and written in one transaction on a snapshot: whoever changes it meanwhile makes one of both
start again, so that the rules here hold as if they were the database's own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from tasker_core.messages import VerdictWord
from tasker_log_sink.consuming.decoding import DecodedRecord
from tasker_log_sink.projection.runs import merge_run
from tasker_log_sink.projection.task_progress import RunProgress, TaskProgress
from tasker_log_sink.projection.tasks import Document, TaskUpdate, unknown

CollectionName = Literal["runs", "tasks", "journal", "missed", "handlers"]
StoredDocuments = Mapping[CollectionName, Mapping[str, Document]]
"""Collection → id → document as stored: of `tasks` without UNREAD, of `journal` and `missed` only what decides."""
FORWARDED: VerdictWord = "forwarded"


@dataclass(slots=True)
class CollectionChanges:
    """What to write to one collection: whole new documents, and fields to set in standing ones."""

    inserts: list[Document] = field(default_factory=list[Document])
    updates: list[tuple[str, Document]] = field(default_factory=list[tuple[str, Document]])


@dataclass(frozen=True, slots=True)
class ProjectedBatch:
    """The writes of a batch, and by task id the moves that are still to be made when they stand."""

    changes: dict[CollectionName, CollectionChanges]
    moves: dict[str, TaskProgress]


def needed_ids(facts: Sequence[DecodedRecord]) -> dict[CollectionName, list[str]]:
    """The ids that `project` needs to know."""
    ids: dict[CollectionName, Iterable[str]] = {
        "handlers": (f.handler["_id"] for f in facts if f.handler is not None),
        "journal": (f.journal["_id"] for f in facts if f.journal is not None),
        "missed": (f.missed["_id"] for f in facts if f.missed is not None),
        "runs": (f.run["_id"] for f in facts if f.run is not None),
        "tasks": (f.task_id for f in facts if f.task),
    }
    return {collection: list(dict.fromkeys(some)) for collection, some in ids.items()}


def project(facts: Sequence[DecodedRecord], stored: StoredDocuments, now: datetime) -> ProjectedBatch:
    """What a batch of facts, in the order in which they were read, changes; `now` becomes `logged_at`."""
    runs: dict[str, Document] = {}
    told: dict[str, list[TaskUpdate]] = {}
    for fact in facts:
        if (run := fact.run) is not None:
            stands = runs.get(run["_id"]) or stored["runs"].get(run["_id"])
            runs[run["_id"]] = run if stands is None else merge_run(stands, run)
        if fact.task:
            told.setdefault(fact.task_id, []).extend(fact.task)
    changes: dict[CollectionName, CollectionChanges] = {
        "handlers": _last_stand((f.handler for f in facts), stored["handlers"], now),
        "journal": _answers((f.journal for f in facts), stored["journal"], now),
        "missed": _first_stand((f.missed for f in facts), stored["missed"], now),
        "runs": _runs(runs, stored["runs"], now),
        "tasks": project_tasks(told, stored["tasks"], now),
    }
    return ProjectedBatch(changes, _moves(facts, runs))


def project_tasks(
    told: Mapping[str, Sequence[TaskUpdate]], stored: Mapping[str, Document], now: datetime
) -> CollectionChanges:
    """The writes to `tasks` that facts bring; a task that is hidden by them is gone at `now`."""
    changes = CollectionChanges()
    for task_id, facts in told.items():
        stands = stored.get(task_id)
        task = unknown(task_id) if stands is None else dict(stands)
        for fact in facts:
            fact.apply(task)
        if stands is None or task["deleted"] != stands["deleted"]:
            task["gone_at"] = now if task["deleted"] else None
        if stands is None:
            changes.inserts.append(task)
        elif fields := _changed(task, stands):
            changes.updates.append((task_id, fields))
    return changes


def _moves(facts: Iterable[DecodedRecord], runs: Mapping[str, Document]) -> dict[str, TaskProgress]:
    moves: dict[str, TaskProgress] = {}
    for fact in facts:
        if fact.run is not None or fact.told is not None or fact.finished:
            ran = None if fact.run is None else RunProgress.of(runs[fact.run["_id"]])
            move, before = TaskProgress(fact.told, ran, fact.finished), moves.get(fact.task_id)
            moves[fact.task_id] = move if before is None else before.joined(move)
    return moves


def _first_stand(
    documents: Iterable[Document | None], stored: Mapping[str, Document], now: datetime
) -> CollectionChanges:
    new: dict[str, Document] = {}
    for document in documents:
        if document is not None and document["_id"] not in stored:
            new.setdefault(document["_id"], document)
    return CollectionChanges([document | {"logged_at": now} for document in new.values()])


def _answers(documents: Iterable[Document | None], stored: Mapping[str, Document], now: datetime) -> CollectionChanges:
    """The first answer to an event stands. That it was sent on to its own partition is none: the answer comes there."""
    new: dict[str, Document] = {}
    for document in documents:
        if document is not None:
            stands = new.get(document["_id"]) or stored.get(document["_id"])
            if stands is None or (stands["verdict"] == FORWARDED != document["verdict"]):
                new[document["_id"]] = document
    changes = CollectionChanges()
    for entry, document in new.items():
        if entry in stored:
            changes.updates.append((entry, _changed(document | {"logged_at": now}, stored[entry])))
        else:
            changes.inserts.append(document | {"logged_at": now})
    return changes


def _last_stand(
    documents: Iterable[Document | None], stored: Mapping[str, Document], now: datetime
) -> CollectionChanges:
    changes = CollectionChanges()
    for name, document in {one["_id"]: one for one in documents if one is not None}.items():
        stands = stored.get(name)
        if stands is None:
            changes.inserts.append(document | {"logged_at": now})
        elif fields := _changed(document, stands):
            changes.updates.append((name, fields | {"logged_at": now}))
    return changes


def _runs(runs: Mapping[str, Document], stored: Mapping[str, Document], now: datetime) -> CollectionChanges:
    changes = CollectionChanges()
    for run_id, run in runs.items():
        stands = stored.get(run_id)
        if stands is None:
            changes.inserts.append({"logged_at": now} | run)
        elif run is not stands:  # `logged_at` is of what is shown: one more attempt leaves it
            changes.updates.append((run_id, _changed({"logged_at": now} | run, stands)))
    return changes


def _changed(document: Document, stands: Document) -> Document:
    return {name: value for name, value in document.items() if name not in stands or stands[name] != value}
