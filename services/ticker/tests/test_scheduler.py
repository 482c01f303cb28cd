"""What a partition guarantees, by example: never early, never twice, never silently lost, changes not retroactive."""

from tasker_core.messages.watermark import decode_watermark
from tasker_ticker.scheduling.scheduling_limits import SchedulingLimits
from tasker_ticker.testing.partition_harness import NOON, PartitionHarness

EVERY_10 = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}
FINISHED_SECONDS = SchedulingLimits().finished_seconds
AT_30 = {"at": "2026-01-01T12:00:30Z"}


def test_nothing_is_early_and_each_second_comes_once() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10)
    for tenth in range(0, 355, 5):
        harness.commit(tenth / 10)
    assert harness.fired("a") == [10, 20, 30]
    assert harness.verdicts()[0]["next_at"] == "2026-01-01T12:00:10.000Z"


def test_a_one_time_task_fires_once_and_is_finished() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", AT_30)
    harness.tick(60)
    assert harness.fired("a") == [30]
    assert [f["last_nominal"] for f in harness.verdicts("finished")] == ["2026-01-01T12:00:30.000Z"]


def test_creating_with_a_past_instant_runs_at_once_within_a_day() -> None:
    harness = PartitionHarness(now=100)
    harness.put(100, "a", AT_30)
    harness.put(100, "b", {"at": "2025-12-31T12:01:40Z"})
    harness.put(100, "c", {"at": "2025-12-31T12:01:39Z"})
    harness.settle(100)
    assert harness.fired("a", "due-background") == [30]
    assert harness.fired("b", "due-background") == [100 - 86400]
    assert [(v["task_id"], v["verdict"]) for v in harness.verdicts()][2] == ("c", "rejected")
    assert harness.verdicts()[2]["errors"][0]["pointer"] == "/schedule/at"
    assert len(harness.verdicts("finished")) == 2


def test_an_edit_is_not_retroactive() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10, payload="old")
    harness.tick(20)
    harness.put(20.4, "a", EVERY_10, payload="new")
    harness.tick(31)
    assert [(r["payload"], r["version"]) for r in harness.topics["due-tasks"]] == [("old", 1), ("old", 1), ("new", 2)]


def test_an_interval_keeps_its_anchor_through_edits() -> None:
    harness = PartitionHarness()
    harness.put(3, "a", {"every": "PT10S"})
    harness.commit(4)
    harness.put(8, "a", {"every": "PT20S"}, name="renamed")
    harness.tick(25)
    assert harness.verdicts()[1]["task"]["schedule"]["anchor"].startswith("2026-01-01T12:00:04")
    assert harness.fired("a") == [24]


def test_pause_and_resume_leave_nothing_to_replay() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10)
    harness.commit(1)
    harness.tick(15)
    harness.send(15, type="pause", task_id="a", note="holidays")
    harness.tick(36)
    harness.send(36, type="resume", task_id="a")
    harness.tick(45)
    assert harness.fired("a") == [10, 40]
    assert [v["task"]["paused"] for v in harness.verdicts()] == [False, True, False]
    assert harness.verdicts()[1]["note"] == "holidays"
    assert "next_at" not in harness.verdicts()[1]


def test_a_deleted_task_is_gone_and_can_be_created_anew() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10)
    harness.commit(1)
    harness.send(2, type="delete", task_id="a")
    harness.send(3, type="delete", task_id="a")
    harness.put(4, "a", EVERY_10, if_version=0)
    harness.tick(10)
    assert [v["verdict"] for v in harness.verdicts()] == ["accepted", "accepted", "rejected", "accepted"]
    assert harness.verdicts()[3]["generation"] == harness.verdicts()[3]["version"] == 4
    assert harness.fired("a") == [10]


def test_a_trigger_runs_now_also_while_paused() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10, paused=True, payload={"n": 1})
    harness.send(2, type="trigger", task_id="a", id="t1")
    harness.send(2, type="trigger", task_id="a", id="t2", payload={"n": 2})
    harness.send(2, type="trigger", task_id="a", id="t1")
    harness.commit(3)
    runs = harness.topics["due-tasks"]
    assert [(r["kind"], r["payload"]) for r in runs] == [("manual", {"n": 1}), ("manual", {"n": 2})]
    assert [v["verdict"] for v in harness.verdicts()] == ["accepted", "accepted", "accepted", "superseded"]
    assert harness.verdicts()[1]["run_id"] == runs[0]["run_id"]


def test_a_trigger_s_payload_is_checked_against_the_handler_of_its_task() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10, handler="curl", payload="http://example.com/")
    harness.send(1, type="trigger", task_id="a", id="t1", payload={"url": "nowhere"})
    harness.send(1, type="trigger", task_id="a", id="t2", payload=None)
    harness.send(1, type="trigger", task_id="a", id="t3", payload="http://example.com/other")
    harness.send(1, type="trigger", task_id="a", id="t4")
    harness.commit(2)
    verdicts = harness.verdicts()[1:]
    assert [v["verdict"] for v in verdicts] == ["rejected", "rejected", "accepted", "accepted"]
    assert [[e["pointer"] for e in v["errors"]] for v in verdicts[:2]] == [["/payload/url"], ["/payload"]]
    assert [r["payload"] for r in harness.topics["due-tasks"]] == ["http://example.com/other", "http://example.com/"]


def test_a_trigger_may_give_other_fields_for_the_templates_of_an_http_call() -> None:
    harness = PartitionHarness()
    call = {"url": "https://a.example/{{ payload.x }}", "data": {"x": 1, "y": "y" * 30_000}}
    harness.put(0, "a", EVERY_10, handler="http", payload=call)
    harness.send(1, type="trigger", task_id="a", id="t1", payload={"data": {"x": 2}})
    harness.send(1, type="trigger", task_id="a", id="t2", payload={"data": 7})
    harness.send(1, type="trigger", task_id="a", id="t3", payload={"data": {"z": "z" * 40_000}})
    harness.commit(2)
    assert [run["payload"] for run in harness.topics["due-tasks"]] == [call | {"data": {"x": 2, "y": "y" * 30_000}}]
    verdicts = harness.verdicts()[1:]
    assert [v["verdict"] for v in verdicts] == ["accepted", "rejected", "rejected"]
    assert [[e["pointer"] for e in v["errors"]] for v in verdicts[1:]] == [["/payload/data"], ["/payload"]]


def test_versions_and_unknown_tasks_are_held_against_the_event() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10)
    harness.put(0, "a", EVERY_10, if_version=0)
    harness.put(0, "a", EVERY_10, if_version=1)
    harness.put(0, "a", EVERY_10, if_version=1)
    harness.send(0, type="pause", task_id="b")
    harness.send(0, type="explode", task_id="b")
    harness.commit(1)
    assert [v["verdict"] for v in harness.verdicts()] == [
        "accepted",
        "rejected",
        "accepted",
        "rejected",
        "rejected",
        "rejected",
    ]
    pointers = [v["errors"][0]["pointer"] for v in harness.verdicts() if v["verdict"] == "rejected"]
    assert pointers == ["/if_version", "/if_version", "/task_id", "/type"]


def test_a_burst_is_cut_and_nothing_in_it_is_lost_or_doubled() -> None:
    harness = PartitionHarness(limits=SchedulingLimits(batch_runs=3))
    names = [f"t{n:02d}" for n in range(10)]
    for name in names:
        harness.put(0, name, AT_30)
    harness.settle(1)
    harness.tick(29)
    harness.send(30.2, type="pause", task_id="t09")
    while harness.commit(31).has_more:
        harness.restart()  # every cut may be the last thing an owner does
    harness.settle(31)
    assert [run["task_id"] for run in harness.topics["due-tasks"]] == names


def test_after_an_outage_events_come_first_and_the_gap_is_worked_off() -> None:
    harness = PartitionHarness()
    for name in ("a", "deleted", "paused", "edited", "resumed"):
        harness.put(0, name, EVERY_10, paused=name == "resumed")
    harness.settle(1)
    harness.send(65, type="pause", task_id="paused")
    harness.send(105, type="delete", task_id="deleted")
    harness.send(205, type="resume", task_id="resumed")
    harness.put(305, "edited", {"every": "PT100S", "anchor": "2026-01-01T12:00:00Z"})
    harness.restart()
    harness.settle(1000, recovering=True)
    # live again from ten seconds before; within the grace each; the rest is reported as one range
    assert harness.fired("a") == [1000]
    assert harness.fired("a", "due-background") == [940, 950, 960, 970, 980, 990]
    assert harness.missed("a") == [(10, 930, "coalesced")]
    assert (harness.fired("paused"), harness.missed("paused")) == ([], [(10, 60, "paused")])
    assert (harness.fired("deleted"), harness.missed("deleted")) == ([], [(10, 100, "deleted")])
    assert harness.missed("resumed") == [(210, 930, "coalesced")]
    assert harness.missed("edited") == [(10, 300, "changed"), (400, 900, "coalesced")]
    assert harness.fired("edited") == [1000]


def test_only_the_newest_of_a_long_gap_runs() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", {"every": "PT10M", "anchor": "2026-01-01T12:00:00Z"})
    harness.put(0, "b", AT_30)
    harness.settle(1)
    harness.restart()
    harness.settle(3500)
    assert (harness.fired("a"), harness.fired("a", "due-background")) == ([], [3000])
    assert harness.missed("a") == [(600, 2400, "coalesced")]
    assert harness.fired("b", "due-background") == [30]
    assert len(harness.verdicts("finished")) == 1


def test_a_restart_in_the_middle_of_a_catch_up_goes_on_where_it_was() -> None:
    harness = PartitionHarness(limits=SchedulingLimits(visits=1))
    names = [f"t{n}" for n in range(5)]
    for name in names:
        harness.put(0, name, {"every": "PT10M", "anchor": "2026-01-01T12:00:00Z"})
    harness.settle(1)
    harness.restart()
    harness.commit(3500)
    while harness.scheduler.state.position.gaps:
        harness.restart()
        harness.commit(3500)
    assert [run["task_id"] for run in harness.topics["due-background"]] == names
    assert [m["task_id"] for m in harness.verdicts("missed")] == names


def test_a_burst_interrupted_by_an_outage_is_finished_in_the_background() -> None:
    harness = PartitionHarness(limits=SchedulingLimits(batch_runs=2))
    names = [f"t{n}" for n in range(5)]
    for name in names:
        harness.put(0, name, AT_30)
    harness.settle(1)
    harness.tick(29)
    harness.commit(30)
    harness.restart()
    harness.settle(500)
    assert [run["task_id"] for run in harness.topics["due-tasks"]] == names[:2]
    assert [run["task_id"] for run in harness.topics["due-background"]] == names[2:]


def test_finished_tasks_are_removed_after_their_retention() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", AT_30)
    harness.tick(30)
    harness.restart()
    harness.settle(FINISHED_SECONDS + 100)
    assert [r["task_id"] for r in harness.verdicts("removed")] == ["a"]
    assert (harness.stored, harness.scheduler.state.tasks) == ({}, {})


def test_a_clock_that_steps_back_repeats_nothing() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10)
    for second in (1, 10, 20, 5, 12, 20, 30):
        harness.commit(second)
    assert harness.fired("a") == [10, 20, 30]
    assert harness.scheduler.state.position.second == NOON + 30


def test_each_watermark_says_who_holds_how_much() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10)
    harness.commit(0)
    harness.scheduler.clock_offset_ms = -40
    harness.put(1, "b", EVERY_10)
    harness.commit(1)
    mark = decode_watermark(harness.watermark)
    assert (mark.owner, mark.held, mark.clock_offset_ms) == ("harness", 2, -40)
