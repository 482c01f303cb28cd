"""What a partition promises, by example: never early, never twice, never silently lost, changes not retroactive."""

import pytest

from tasker_ticker.scheduling import background
from tasker_ticker.scheduling import batch as turning
from tasker_ticker.scheduling.memory.held_task import FINISHED_SECONDS
from tasker_ticker.testing.partition_harness import NOON, Model

EVERY_10 = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}
AT_30 = {"at": "2026-01-01T12:00:30Z"}


def test_nothing_is_early_and_each_second_comes_once() -> None:
    model = Model()
    model.put(0, "a", EVERY_10)
    for tenth in range(0, 355, 5):
        model.turn(tenth / 10)
    assert model.fired("a") == [10, 20, 30]
    assert model.told()[0]["next_at"] == "2026-01-01T12:00:10.000Z"


def test_a_one_time_task_fires_once_and_is_finished() -> None:
    model = Model()
    model.put(0, "a", AT_30)
    model.tick(60)
    assert model.fired("a") == [30]
    assert [f["last_nominal"] for f in model.told("finished")] == ["2026-01-01T12:00:30.000Z"]


def test_creating_with_a_past_instant_runs_at_once_within_a_day() -> None:
    model = Model(now=100)
    model.put(100, "a", AT_30)
    model.put(100, "b", {"at": "2025-12-31T12:01:40Z"})
    model.put(100, "c", {"at": "2025-12-31T12:01:39Z"})
    model.settle(100)
    assert model.fired("a", "due-background") == [30]
    assert model.fired("b", "due-background") == [100 - 86400]
    assert [(v["task_id"], v["verdict"]) for v in model.told()][2] == ("c", "rejected")
    assert model.told()[2]["errors"][0]["pointer"] == "/schedule/at"
    assert len(model.told("finished")) == 2


def test_an_edit_is_not_retroactive() -> None:
    model = Model()
    model.put(0, "a", EVERY_10, payload="old")
    model.tick(20)
    model.put(20.4, "a", EVERY_10, payload="new")
    model.tick(31)
    assert [(r["payload"], r["version"]) for r in model.topics["due-tasks"]] == [("old", 1), ("old", 1), ("new", 2)]


def test_an_interval_keeps_its_anchor_through_edits() -> None:
    model = Model()
    model.put(3, "a", {"every": "PT10S"})
    model.turn(4)
    model.put(8, "a", {"every": "PT20S"}, name="renamed")
    model.tick(25)
    assert model.told()[1]["task"]["schedule"]["anchor"].startswith("2026-01-01T12:00:04")
    assert model.fired("a") == [24]


def test_pause_and_resume_leave_nothing_to_replay() -> None:
    model = Model()
    model.put(0, "a", EVERY_10)
    model.turn(1)
    model.tick(15)
    model.send(15, type="pause", task_id="a", note="holidays")
    model.tick(36)
    model.send(36, type="resume", task_id="a")
    model.tick(45)
    assert model.fired("a") == [10, 40]
    assert [v["task"]["paused"] for v in model.told()] == [False, True, False]
    assert model.told()[1]["note"] == "holidays"
    assert "next_at" not in model.told()[1]


def test_a_deleted_task_is_gone_and_can_be_created_anew() -> None:
    model = Model()
    model.put(0, "a", EVERY_10)
    model.turn(1)
    model.send(2, type="delete", task_id="a")
    model.send(3, type="delete", task_id="a")
    model.put(4, "a", EVERY_10, if_version=0)
    model.tick(10)
    assert [v["verdict"] for v in model.told()] == ["accepted", "accepted", "rejected", "accepted"]
    assert model.told()[3]["generation"] == model.told()[3]["version"] == 4
    assert model.fired("a") == [10]


def test_a_trigger_runs_now_also_while_paused() -> None:
    model = Model()
    model.put(0, "a", EVERY_10, paused=True, payload={"n": 1})
    model.send(2, type="trigger", task_id="a", id="t1")
    model.send(2, type="trigger", task_id="a", id="t2", payload={"n": 2})
    model.send(2, type="trigger", task_id="a", id="t1")
    model.turn(3)
    runs = model.topics["due-tasks"]
    assert [(r["kind"], r["payload"]) for r in runs] == [("manual", {"n": 1}), ("manual", {"n": 2})]
    assert [v["verdict"] for v in model.told()] == ["accepted", "accepted", "accepted", "superseded"]
    assert model.told()[1]["run_id"] == runs[0]["run_id"]


def test_a_trigger_s_payload_is_checked_against_the_handler_of_its_task() -> None:
    model = Model()
    model.put(0, "a", EVERY_10, handler="curl", payload="http://example.com/")
    model.send(1, type="trigger", task_id="a", id="t1", payload={"url": "nowhere"})
    model.send(1, type="trigger", task_id="a", id="t2", payload=None)
    model.send(1, type="trigger", task_id="a", id="t3", payload="http://example.com/other")
    model.send(1, type="trigger", task_id="a", id="t4")
    model.turn(2)
    told = model.told()[1:]
    assert [v["verdict"] for v in told] == ["rejected", "rejected", "accepted", "accepted"]
    assert [[e["pointer"] for e in v["errors"]] for v in told[:2]] == [["/payload/url"], ["/payload"]]
    assert [r["payload"] for r in model.topics["due-tasks"]] == ["http://example.com/other", "http://example.com/"]


def test_versions_and_unknown_tasks_are_held_against_the_event() -> None:
    model = Model()
    model.put(0, "a", EVERY_10)
    model.put(0, "a", EVERY_10, if_version=0)
    model.put(0, "a", EVERY_10, if_version=1)
    model.put(0, "a", EVERY_10, if_version=1)
    model.send(0, type="pause", task_id="b")
    model.send(0, type="explode", task_id="b")
    model.turn(1)
    assert [v["verdict"] for v in model.told()] == [
        "accepted",
        "rejected",
        "accepted",
        "rejected",
        "rejected",
        "rejected",
    ]
    pointers = [v["errors"][0]["pointer"] for v in model.told() if v["verdict"] == "rejected"]
    assert pointers == ["/if_version", "/if_version", "/task_id", "/type"]


def test_a_burst_is_cut_and_nothing_in_it_is_lost_or_doubled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turning, "MAX_RUNS", 3)
    model = Model()
    names = [f"t{n:02d}" for n in range(10)]
    for name in names:
        model.put(0, name, AT_30)
    model.settle(1)
    model.tick(29)
    model.send(30.2, type="pause", task_id="t09")
    while model.turn(31).more:
        model.restart()  # every cut may be the last thing an owner does
    model.settle(31)
    assert [run["task_id"] for run in model.topics["due-tasks"]] == names


def test_after_an_outage_events_come_first_and_the_gap_is_worked_off() -> None:
    model = Model()
    for name in ("a", "deleted", "paused", "edited", "resumed"):
        model.put(0, name, EVERY_10, paused=name == "resumed")
    model.settle(1)
    model.send(65, type="pause", task_id="paused")
    model.send(105, type="delete", task_id="deleted")
    model.send(205, type="resume", task_id="resumed")
    model.put(305, "edited", {"every": "PT100S", "anchor": "2026-01-01T12:00:00Z"})
    model.restart()
    model.settle(1000, recovering=True)
    # live again from ten seconds before; within the grace each; the rest is told in one range
    assert model.fired("a") == [1000]
    assert model.fired("a", "due-background") == [940, 950, 960, 970, 980, 990]
    assert model.missed("a") == [(10, 930, "coalesced")]
    assert (model.fired("paused"), model.missed("paused")) == ([], [(10, 60, "paused")])
    assert (model.fired("deleted"), model.missed("deleted")) == ([], [(10, 100, "deleted")])
    assert model.missed("resumed") == [(210, 930, "coalesced")]
    assert model.missed("edited") == [(10, 300, "changed"), (400, 900, "coalesced")]
    assert model.fired("edited") == [1000]


def test_only_the_newest_of_a_long_gap_runs() -> None:
    model = Model()
    model.put(0, "a", {"every": "PT10M", "anchor": "2026-01-01T12:00:00Z"})
    model.put(0, "b", AT_30)
    model.settle(1)
    model.restart()
    model.settle(3500)
    assert (model.fired("a"), model.fired("a", "due-background")) == ([], [3000])
    assert model.missed("a") == [(600, 2400, "coalesced")]
    assert model.fired("b", "due-background") == [30]
    assert len(model.told("finished")) == 1


def test_a_restart_in_the_middle_of_a_catch_up_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "MAX_VISITS", 1)
    model = Model()
    names = [f"t{n}" for n in range(5)]
    for name in names:
        model.put(0, name, {"every": "PT10M", "anchor": "2026-01-01T12:00:00Z"})
    model.settle(1)
    model.restart()
    model.turn(3500)
    while model.scheduler.state.position.gaps:
        model.restart()
        model.turn(3500)
    assert [run["task_id"] for run in model.topics["due-background"]] == names
    assert [m["task_id"] for m in model.told("missed")] == names


def test_a_burst_left_standing_by_an_outage_is_finished_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turning, "MAX_RUNS", 2)
    model = Model()
    names = [f"t{n}" for n in range(5)]
    for name in names:
        model.put(0, name, AT_30)
    model.settle(1)
    model.tick(29)
    model.turn(30)
    model.restart()
    model.settle(500)
    assert [run["task_id"] for run in model.topics["due-tasks"]] == names[:2]
    assert [run["task_id"] for run in model.topics["due-background"]] == names[2:]


def test_finished_tasks_are_removed_after_their_retention() -> None:
    model = Model()
    model.put(0, "a", AT_30)
    model.tick(30)
    model.restart()
    model.settle(FINISHED_SECONDS + 100)
    assert [r["task_id"] for r in model.told("removed")] == ["a"]
    assert (model.memory, model.scheduler.state.tasks) == ({}, {})


def test_a_clock_that_steps_back_repeats_nothing() -> None:
    model = Model()
    model.put(0, "a", EVERY_10)
    for second in (1, 10, 20, 5, 12, 20, 30):
        model.turn(second)
    assert model.fired("a") == [10, 20, 30]
    assert model.scheduler.state.position.second == NOON + 30
