"""The event that takes one change of a change-set back."""

import json
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from tasker_api.change_sets.portions import Item
from tasker_api.change_sets.undo import UndoneRevisions, all_taken_back, cancel_item, undo_item
from tasker_core.documents.journal import JournalDocument
from tasker_core.documents.revisions import RevisionDocument

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TASK = {
    "id": "report",
    "name": "Report",
    "schedule": {"every": "PT1H", "anchor": "2026-01-01T00:00:00Z"},
    "timeout": "PT1M",
}


def entry(event_type: str, version: int = 7, generation: int = 3, **changes: Any) -> JournalDocument:
    found = {
        "task_id": "report",
        "event_type": event_type,
        "version": version,
        "generation": generation,
        "run_id": None,
    }
    return cast("JournalDocument", found | changes)


def revision(version: int, **task: Any) -> RevisionDocument:
    return cast("RevisionDocument", {"version": version, "task_json": json.dumps(TASK | task)})


def end(version: int) -> RevisionDocument:
    return cast("RevisionDocument", {"version": version, "task_json": None})


def undone(event: JournalDocument, *revisions: RevisionDocument | None) -> Any:
    return undo_item(event, UndoneRevisions(*revisions), "undoes x")


def test_a_pause_is_resumed_and_the_other_way_round() -> None:
    found = undone(entry("pause"), revision(7, paused=True), revision(4))
    assert found == Item("report", "resume", {"task_id": "report", "note": "undoes x"}, 7)
    found = undone(entry("resume"), revision(7), revision(4, paused=True))
    assert (found.event_type, found.if_version) == ("pause", 7)


def test_an_edit_goes_back_to_the_version_before() -> None:
    found = undone(entry("put"), revision(7, tags=["new"], paused=True), revision(4, tags=["old"]))
    assert (found.event_type, found.if_version) == ("put", 7)
    assert (found.data["task"]["tags"], found.data["task"]["paused"]) == (["old"], False)


def test_what_was_made_is_deleted_and_what_was_deleted_is_made_anew() -> None:
    for before in (None, end(2)):
        found = undone(entry("put", 7, 7), revision(7), before)
        assert (found.event_type, found.if_version) == ("delete", 7)
    found = undone(entry("delete"), end(7), revision(4, paused=True))
    assert (found.event_type, found.if_version, found.data["task"]["paused"]) == ("put", 0, True)


def test_what_changed_nothing_has_nothing_to_take_back() -> None:
    assert undone(entry("put"), revision(7), revision(4)) is None
    assert undone(entry("cancel"), None, None) is None


def test_what_is_not_kept_any_more_is_told() -> None:
    for made, before in ((None, revision(4)), (revision(7), None)):
        assert "not kept any more" in undone(entry("put"), made, before)


def test_a_later_change_that_was_undone_is_in_nobody_s_way_and_another_one_is() -> None:
    made, before = revision(7, tags=["new"]), revision(4)
    assert undone(entry("put"), made, before, revision(12, tags=["new"])).if_version == 12
    assert undone(entry("put"), made, before, revision(12, tags=["new", "theirs"])).if_version == 7
    assert undone(entry("put"), made, before, None).if_version == 7, "changed, and not by what was undone"


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ([], True),
        (["B", "undo-B"], True),
        (["B", "C", "undo-C", "undo-B"], True),
        (["undo-A", "undo-undo-A"], True),
        (["B", "undo-B", "undo-undo-B", "undo-undo-undo-B"], True),
        ([None, None], False),  # resumed by hand, and paused again
        (["B", None, "undo-B"], False),
        (["B", "C"], False),
        (["B", "C", "undo-B"], False),
        (["undo-A"], False),
        (["B"], False),
    ],
)
def test_what_came_later_was_taken_back_when_each_change_set_was_undone(
    later: list[str | None], *, expected: bool
) -> None:
    undoes = {one: one.removeprefix("undo-") for one in later if one is not None and one.startswith("undo-")}
    assert all_taken_back(later, undoes) == expected


def test_a_run_that_goes_on_is_cancelled() -> None:
    started = entry("trigger", run_id="r1")
    assert cancel_item(started, set()) == Item("report", "cancel", {"task_id": "report", "run_id": "r1"})
    assert cancel_item(started, {"r1"}) is None
