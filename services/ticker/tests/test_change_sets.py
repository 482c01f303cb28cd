"""What events that are part of a change-set have of it, and the events about change-sets themselves."""

from typing import Any

import pytest

from tasker_ticker.testing.partition_harness import PartitionHarness

HOURLY = {"cron": "0 * * * *"}
MOVE = "move-2026"


def answers(p: PartitionHarness) -> dict[str, dict[str, Any]]:
    p.settle(1)
    return {one["event_id"]: one for one in p.verdicts()}


def test_the_verdict_bears_the_change_set_of_its_event_whatever_it_says() -> None:
    p = PartitionHarness()
    p.put(0, "a", HOURLY, id="made")
    p.send(0, type="pause", id="1", task_id="a", change_set=MOVE)
    p.send(0, type="pause", id="1", task_id="a", change_set=MOVE)
    p.send(0, type="resume", id="2", task_id="a", change_set=MOVE, if_version=77)
    p.send(0, type="delete", id="3", task_id="nobody", change_set=MOVE)
    p.send(0, type="pause", id="4", task_id="a")
    p.settle(1)
    told = [(one["event_id"], one["verdict"], one.get("change_set")) for one in p.verdicts()]
    assert told == [
        ("made", "accepted", None),
        ("1", "accepted", MOVE),
        ("1", "superseded", MOVE),
        ("2", "rejected", MOVE),
        ("3", "rejected", MOVE),
        ("4", "accepted", None),
    ]


def test_what_is_stated_of_a_change_set_is_told_and_nothing_is_held() -> None:
    p = PartitionHarness()
    p.put(0, MOVE, HOURLY, id="a task of that name")
    stated = {"id": MOVE, "kind": "bulk", "action": "pause", "filter": {"q": ["x"]}, "total": 3, "state": "running"}
    p.send(0, type="change-set", id="e", actor="ann", note="quarter's end", change_set=stated)
    before = dict(p.stored)
    answer = answers(p)["e"]
    assert (answer["verdict"], answer["task_id"], answer["change_set"]) == ("accepted", MOVE, MOVE)
    assert (answer["actor"], answer["note"], answer["version"]) == ("ann", "quarter's end", 2)
    assert answer["change_set_state"] == stated
    assert "task" not in answer
    assert p.stored.keys() - before.keys() == {f"task/{MOVE}"}


@pytest.mark.parametrize(
    ("event", "pointer", "words"),
    [
        ({"change_set": {"id": "a b"}}, "/change_set/id", "is no id of a change-set"),
        ({"change_set": {"id": "a" * 65}}, "/change_set/id", "at most 64 characters"),
        ({"change_set": {"id": MOVE, "kind": "magic"}}, "/change_set/kind", "give 'bulk', 'import' or 'undo'"),
        ({"change_set": {"id": MOVE, "total": -1}}, "/change_set/total", "0 or more"),
        ({"change_set": {"id": MOVE, "colour": "red"}}, "/change_set/colour", "unknown field"),
        ({"change_set": {"id": MOVE, "filter": {"q": "x" * 300_000}}}, "/change_set/filter", "at most 256 KiB"),
        ({"change_set": MOVE}, "/change_set", "required"),
    ],
)
def test_what_is_no_change_set_is_refused_with_its_place(event: dict[str, Any], pointer: str, words: str) -> None:
    p = PartitionHarness()
    p.send(0, type="change-set", **event)
    p.settle(1)
    [error] = p.verdicts()[-1]["errors"]
    assert error["pointer"] == pointer
    assert words in error["message"]


def test_an_event_that_names_no_possible_change_set_is_refused() -> None:
    p = PartitionHarness()
    p.put(0, "a", HOURLY)
    p.send(0, type="pause", task_id="a", change_set="no such/id")
    p.send(0, type="pause", task_id="a", change_set={"id": MOVE})
    p.settle(1)
    assert [[e["pointer"] for e in one["errors"]] for one in p.verdicts()[1:]] == [["/change_set"], ["/change_set"]]
    assert not p.scheduler.state.tasks["a"].paused


def test_triggers_of_a_change_set_wait_behind_what_is_due() -> None:
    p = PartitionHarness()
    p.put(0, "a", HOURLY)
    p.send(0, type="trigger", task_id="a", id=f"{MOVE}/a", change_set=MOVE)
    p.send(0, type="trigger", task_id="a", id="by-hand")
    p.settle(1)
    assert len(p.fired("a", "due-background")) == 1
    assert len(p.fired("a")) == 1
