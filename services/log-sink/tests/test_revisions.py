"""What becomes a revision of a task, and how one that comes late finds its place."""

import itertools
from typing import Any

import msgspec

from tasker_core.documents.revisions import RevisionDocument
from tasker_core.messages.base import encode
from tasker_core.messages.verdicts import Finished, Removed
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.testing.messages import NOON_MS, at, rescheduled, verdict, when
from tasker_log_sink.testing.stores import InMemoryStore

NOW = when(5000)
CREATED = verdict("t", 3, 10, actor="ann", channel="ui", since=at(10))
EDITED = verdict("t", 5, 20, generation=3, since=at(20), after_nominal=at(19))
PAUSED = verdict("t", 7, 30, generation=3, event_type="pause", task={"paused": True}, note="holidays")
DELETED = verdict("t", 9, 40, generation=3, event_type="delete", task=None, next_at=None)


async def revisions(*messages: bytes) -> dict[str, RevisionDocument]:
    """Each message a batch of its own."""
    store = InMemoryStore()
    for number, message in enumerate(messages):
        await store.apply([], [decode_record("verdicts", message, offset=number, timestamp=NOON_MS)], NOW)
    return store.documents["revisions"]


async def test_a_revision_says_who_what_and_from_when() -> None:
    found = await revisions(CREATED, EDITED)
    assert found["t/3"] == {
        "_id": "t/3",
        "task_id": "t",
        "generation": 3,
        "version": 3,
        "position": 0,
        "event_id": "e3",
        "event_type": "put",
        "actor": "ann",
        "channel": "ui",
        "note": None,
        "effective_from": when(10),
        "since": when(10),
        "after_nominal": None,
        "task_json": msgspec.json.encode(
            {"id": "t", "name": "v3", "schedule": {"cron": "* * * * * *"}, "timeout": "PT1M"}
        ).decode(),
        "paused": False,
        "calendars": {},
        "source": "verdict",
        "finished": None,
        "superseded_at": when(20),
        "logged_at": NOW,
    }
    assert (found["t/5"]["since"], found["t/5"]["after_nominal"]) == (when(20), when(19))
    assert found["t/5"]["superseded_at"] is None


async def test_a_pause_and_a_delete_are_revisions_without_and_with_the_task() -> None:
    found = await revisions(CREATED, PAUSED, DELETED)
    assert [(one["event_type"], one["paused"], one["note"]) for one in found.values()] == [
        ("put", False, None),
        ("pause", True, "holidays"),
        ("delete", False, None),
    ]
    gone = found["t/9"]
    assert (gone["task_json"], gone["since"], gone["superseded_at"]) == (None, None, None)
    assert found["t/7"]["superseded_at"] == when(40)


async def test_in_any_order_they_follow_one_another_alike() -> None:
    messages = (CREATED, EDITED, PAUSED, DELETED)
    expected = [when(20), when(30), when(40), None]
    for order in itertools.permutations(messages):
        found = await revisions(*order, *order[:2])
        assert [found[one]["superseded_at"] for one in ("t/3", "t/5", "t/7", "t/9")] == expected


async def test_what_changes_no_task_is_no_revision() -> None:
    more: list[dict[str, Any]] = [
        {"event_type": "trigger", "event_id": "x", "run_id": "r"},
        {"event_type": "backfill", "event_id": "y"},
        {"event_type": "cancel", "event_id": "z"},
    ]
    others = [verdict("t", 3, 20, **fields) for fields in more]
    refused = [verdict("t", 4, 20, verdict=word, task=None) for word in ("rejected", "superseded", "forwarded")]
    assert set(await revisions(CREATED, *others, *refused)) == {"t/3"}


async def test_a_finished_task_says_so_and_its_removal_ends_it() -> None:
    finished = encode(Finished(task_id="t", generation=3, version=3, reason="once", last_nominal=at(50)))
    removed = encode(Removed(task_id="t", generation=3, version=3, removed_at=at(90)))
    found = await revisions(CREATED, finished, removed)
    assert found["t/3"]["finished"] == {"reason": "once", "last_nominal": when(50)}
    assert found["t/3"]["superseded_at"] == found["t/3/removed"]["effective_from"] == when(90)
    late = await revisions(CREATED, removed, finished, finished)
    assert late["t/3"]["finished"] == found["t/3"]["finished"]


async def test_a_removal_of_an_earlier_release_holds_from_when_it_was_appended() -> None:
    removed = encode(Removed(task_id="t", generation=3, version=3))
    found = await revisions(verdict("t", 3, -10), removed)
    assert found["t/3/removed"]["effective_from"] == when(0)


async def test_a_verdict_of_an_earlier_release_holds_from_its_time_on() -> None:
    assert (await revisions(verdict("t", 3, 10)))["t/3"]["since"] == when(10)


async def test_another_version_of_a_calendar_is_a_revision_of_the_same_version() -> None:
    handed_over = rescheduled("t", 3, 30, 60, 8)
    finished = encode(Finished(task_id="t", generation=3, version=3, reason="end", last_nominal=at(50)))
    found = await revisions(CREATED, handed_over, finished)
    assert found["t/3"]["superseded_at"] == when(30)
    new = found["t/3/closed/8"]
    assert (new["event_type"], new["note"], new["calendars"]) == ("calendar", "closed, version 8", {"closed": 8})
    assert (new["since"], new["superseded_at"]) == (when(30), None)
    assert new["task_json"] is not None
    assert new["finished"] == {"reason": "end", "last_nominal": when(50)}
    assert found["t/3"]["finished"] is None


async def test_a_task_that_was_finished_before_its_calendar_changed_is_so_under_the_earlier_one() -> None:
    finished = encode(Finished(task_id="t", generation=3, version=3, reason="end", last_nominal=at(20)))
    handed_over = rescheduled("t", 3, 30, 60, 8)
    found = await revisions(CREATED, finished, handed_over)
    assert found["t/3"]["finished"] is not None
    assert found["t/3/closed/8"]["finished"] is None


async def test_what_is_accepted_of_no_task_is_in_the_journal_alone() -> None:
    """A retry of a message about tasks, and a cancel of runs whose task is deleted."""
    store = InMemoryStore()
    for kind in ("retry", "cancel"):
        value = msgspec.json.encode(
            {"type": "verdict", "event_id": kind, "event_type": kind, "task_id": "tasker-alerts.e23bb5aace751093.7",
             "verdict": "accepted", "actor": "executor", "effective_from": at(35)}
        )  # fmt: skip
        await store.apply([], [decode_record("verdicts", value, offset=1, timestamp=NOON_MS)], NOW)
    assert {one["verdict"] for one in store.documents["journal"].values()} == {"accepted"}
    assert len(store.documents["journal"]) == 2
    assert not store.documents["revisions"]
    assert not store.documents["tasks"]
