"""The field names that type filters and updates are those of the documents, neither more nor less."""

from typing import Any, get_args, get_type_hints

import pytest

from tasker_core.documents.change_sets import ChangeSetDocument, ChangeSetField
from tasker_core.documents.handlers import HandlerDocument, HandlerField
from tasker_core.documents.indexes import INDEXES, CollectionName
from tasker_core.documents.journal import JournalDocument, JournalField, entry_id
from tasker_core.documents.missed_occurrences import MissedDocument, MissedField
from tasker_core.documents.partitions import PartitionChanges, PartitionDocument, PartitionField
from tasker_core.documents.rebuilds import RebuildDocument, RebuildField
from tasker_core.documents.revisions import RevisionDocument, RevisionField
from tasker_core.documents.runs import RunDocument, RunField
from tasker_core.documents.statistics import (
    PendingStatisticsDocument,
    PendingStatisticsField,
    StatisticsDocument,
    StatisticsField,
)
from tasker_core.documents.tasks import NextTimeDocument, NextTimeField, TaskDocument, TaskField

DOCUMENTS: list[tuple[Any, Any]] = [
    (ChangeSetDocument, ChangeSetField),
    (HandlerDocument, HandlerField),
    (JournalDocument, JournalField),
    (MissedDocument, MissedField),
    (NextTimeDocument, NextTimeField),
    (PartitionDocument, PartitionField),
    (RebuildDocument, RebuildField),
    (RevisionDocument, RevisionField),
    (RunDocument, RunField),
    (PendingStatisticsDocument, PendingStatisticsField),
    (StatisticsDocument, StatisticsField),
    (TaskDocument, TaskField),
]


def known_to_the_type_checker(
    change_set: tuple[ChangeSetDocument, ChangeSetField],
    handler: tuple[HandlerDocument, HandlerField],
    entry: tuple[JournalDocument, JournalField],
    missed: tuple[MissedDocument, MissedField],
    next_time: tuple[NextTimeDocument, NextTimeField],
    partition: tuple[PartitionDocument, PartitionField],
    rebuild: tuple[RebuildDocument, RebuildField],
    revision: tuple[RevisionDocument, RevisionField],
    run: tuple[RunDocument, RunField],
    pending: tuple[PendingStatisticsDocument, PendingStatisticsField],
    statistics: tuple[StatisticsDocument, StatisticsField],
    task: tuple[TaskDocument, TaskField],
) -> list[object]:
    """Never called: basedpyright refuses it when a field is renamed in a document alone."""
    return [
        change_set[0].get(change_set[1]),
        handler[0][handler[1]],
        entry[0].get(entry[1]) if entry[1] == "change_set" else entry[0][entry[1]],
        missed[0][missed[1]],
        next_time[0][next_time[1]],
        partition[0].get(partition[1]),
        rebuild[0][rebuild[1]],
        revision[0].get(revision[1]) if revision[1] == "change_set" else revision[0][revision[1]],
        run[0].get(run[1]) if run[1] in ("seen", "after", "after_run_id", "first_attempt") else run[0][run[1]],
        pending[0][pending[1]],
        statistics[0][statistics[1]],
        task[0][task[1]],
    ]


@pytest.mark.parametrize(("document", "field"), DOCUMENTS)
def test_field_names_are_those_of_the_document(document: Any, field: Any) -> None:
    assert sorted(get_args(field)) == sorted(document.__annotations__)


def test_what_is_set_has_the_types_of_the_document() -> None:
    types = get_type_hints(PartitionDocument)
    assert {name: types[name] for name in get_type_hints(PartitionChanges)} == get_type_hints(PartitionChanges)


def test_every_collection_has_its_indexes_and_only_one_of_a_name() -> None:
    assert set(INDEXES) == set(get_args(CollectionName))
    for indexes in INDEXES.values():
        assert len({index.name for index in indexes}) == len(indexes)


def test_what_names_no_task_has_an_entry_of_its_own() -> None:
    ids = [("a", "b/c"), ("a/b", "c"), ("a/", "b/c"), ("", "a/b/c"), ("/a", "b/c"), ("ü", "a"), ("%C3%BC", "a")]
    assert len({entry_id(*one) for one in ids}) == len(ids)
    assert entry_id("daily-report", "e/1") == "daily-report/e/1"
