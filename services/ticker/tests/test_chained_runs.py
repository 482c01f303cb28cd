"""What the end of a run starts, by example, through the whole scheduler."""

from typing import Any

import msgspec

from tasker_core.ids import run_id
from tasker_core.topics import partition_of
from tasker_ticker.scheduling.memory.run_memory import KEEP_SECONDS
from tasker_ticker.testing.partition_harness import NOON, PartitionHarness, after_noon

LATER = {"at": "2026-01-02T12:00:00Z"}
BEFORE = {
    "task_id": "a",
    "run_id": "0" * 31 + "1",
    "nominal_at": "2026-01-01T11:00:00.000Z",
    "outcome": "succeeded",
}


def chain(harness: PartitionHarness, at: float, task: str = "b", *, number: int = 1, **fields: Any) -> None:
    after = BEFORE | {"run_id": f"{number:032x}"}
    event = {"type": "chain", "id": f"chain-{number}", "task_id": task, "after": after, "chain": ["a"]}
    harness.append(at, event | fields)


def with_a_task(**options: Any) -> PartitionHarness:
    harness = PartitionHarness()
    harness.put(0, "b", LATER, payload={"own": 1}, **options)
    harness.settle(1)
    return harness


def last(harness: PartitionHarness) -> dict[str, Any]:
    return harness.verdicts()[-1]


def test_the_end_of_a_run_starts_another_one_at_once() -> None:
    harness = with_a_task()
    chain(harness, 5)
    harness.settle(5)
    (run,) = harness.topics["due-tasks"]
    generation = harness.verdicts()[0]["generation"]
    assert run == run | {
        "kind": "chained",
        "run_id": run_id("b", generation, "chained", NOON - 3600, "chain-1"),
        "payload": {"own": 1},
        "after": BEFORE,
        "chain": ["a"],
    }
    assert (after_noon(run["nominal_at"]), after_noon(run["effective_at"])) == (5, 5)
    verdict = last(harness)
    assert (verdict["verdict"], verdict["run_id"]) == ("accepted", run["run_id"])
    assert verdict["note"] == f"after run {BEFORE['run_id']} of a, due nominally at 2026-01-01T11:00:00.000Z: succeeded"
    assert "run" in harness.stored[f"run/{run['run_id']}"].decode()


def test_an_end_that_is_reported_again_starts_nothing() -> None:
    harness = with_a_task()
    chain(harness, 5)
    harness.settle(5)
    chain(harness, 9)
    harness.settle(9)
    harness.restart()
    for number in range(20):  # more than the task remembers by their ids
        chain(harness, 20, number=100 + number)
    chain(harness, 30)
    harness.settle(31)
    assert [verdict["verdict"] for verdict in harness.verdicts()][2] == "superseded"
    assert last(harness)["verdict"] == "superseded"
    assert len(harness.topics["due-tasks"]) == 21


def test_after_a_day_it_starts_the_same_run_again_and_no_other() -> None:
    harness = with_a_task()
    chain(harness, 5)
    harness.settle(5)
    harness.settle(KEEP_SECONDS + 10)
    chain(harness, KEEP_SECONDS + 10)
    harness.settle(KEEP_SECONDS + 10)
    chained = [run for run in harness.topics["due-tasks"] if run["kind"] == "chained"]
    assert len(chained) == 2
    assert chained[0]["run_id"] == chained[1]["run_id"]


def test_a_paused_task_is_not_started_and_says_so_for_good() -> None:
    harness = with_a_task(paused=True)
    chain(harness, 5)
    harness.settle(5)
    assert (last(harness)["verdict"], last(harness)["errors"][0]["pointer"]) == ("rejected", "/task_id")
    assert "paused" in last(harness)["errors"][0]["message"]
    assert "after run" in last(harness)["note"]
    harness.send(6, type="resume", task_id="b")
    chain(harness, 7)
    chain(harness, 7, number=2)
    harness.settle(7)
    assert [verdict["verdict"] for verdict in harness.verdicts()][-2:] == ["superseded", "accepted"]
    assert len(harness.topics["due-tasks"]) == 1


def test_a_task_that_is_not_there_is_answered_too() -> None:
    harness = with_a_task()
    chain(harness, 5, "nobody")
    harness.settle(5)
    assert (last(harness)["verdict"], last(harness)["errors"][0]["message"]) == ("rejected", "no such task")
    assert "after run" in last(harness)["note"]


def test_what_would_close_a_circle_or_come_too_far_is_refused_with_its_way() -> None:
    harness = with_a_task()
    chain(harness, 5, chain=["x", "b", "a"])
    chain(harness, 5, number=2, chain=[*(f"t{n}" for n in range(19)), "a"])
    harness.settle(5)
    circle, length = (verdict["errors"] for verdict in harness.verdicts()[1:])
    assert [(error["pointer"], "x → b → a → b" in error["message"]) for error in circle] == [("/chain", True)]
    assert "a chain of 21 tasks" in length[0]["message"]
    assert not harness.topics["due-tasks"]


def test_an_event_that_breaks_the_contract_is_rejected_field_by_field() -> None:
    harness = with_a_task()
    chain(harness, 5, chain=["a", "x"], lane="fast", more=1)
    chain(harness, 5, number=2, after=BEFORE | {"outcome": "cancelled", "nominal_at": "noon", "run_id": "1"})
    harness.settle(5)
    assert [sorted(error["pointer"] for error in verdict["errors"]) for verdict in harness.verdicts()[1:]] == [
        ["/chain", "/lane", "/more"],
        ["/after/nominal_at", "/after/outcome", "/after/run_id"],
    ]
    (instant,) = (e["message"] for e in last(harness)["errors"] if e["pointer"] == "/after/nominal_at")
    assert instant == "is no instant; give one such as 2026-12-24T18:00:00.000Z"


def test_what_was_late_goes_on_in_the_background_lane() -> None:
    harness = with_a_task()
    chain(harness, 5, lane="background")
    harness.settle(5)
    assert [run["kind"] for run in harness.topics["due-background"]] == ["chained"]


def test_a_chained_run_counts_for_no_max_runs_and_its_retry_knows_where_it_comes_from() -> None:
    harness = PartitionHarness()
    harness.put(0, "b", {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z", "max_runs": 2})
    harness.settle(1)
    chain(harness, 5)
    harness.tick(30)
    runs = harness.topics["due-tasks"]
    assert [run.get("kind", "scheduled") for run in runs] == ["chained", "scheduled", "scheduled"]
    harness.send(31, type="retry", run=runs[0], attempt=2, retry_at="2026-01-01T12:00:33Z")
    harness.restart()
    harness.tick(35)
    (again,) = harness.topics["due-background"]
    assert (again["attempt"], again["after"], again["chain"]) == (2, BEFORE, ["a"])


def test_an_end_that_came_by_another_partition_counts_though_its_task_was_changed_meanwhile() -> None:
    harness = PartitionHarness(partitions=1)
    harness.put(0, "b", LATER)
    harness.settle(1)
    harness.put(4, "b", {"every": "PT1H"})
    harness.settle(5)
    event = {"type": "chain", "id": "one", "task_id": "b", "after": BEFORE, "chain": ["a"]}
    harness.append(3, event, origin=(1, 7))
    harness.settle(6)
    assert last(harness)["verdict"] == "accepted"


def then(*names: str) -> list[dict[str, str]]:
    return [{"task": name} for name in names]


def test_a_definition_that_closes_a_circle_is_rejected_also_within_one_batch() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", LATER, then=then("b"))
    harness.put(0, "b", LATER, then=[*then("x"), {"task": "c", "on": "failed"}])
    harness.put(0, "c", LATER, then=then("a"))
    harness.commit(1)
    assert [verdict["verdict"] for verdict in harness.verdicts()] == ["accepted", "accepted", "rejected"]
    assert last(harness)["errors"] == [{"pointer": "/then/0/task", "message": "closes a circle: c → a → b → c"}]
    assert harness.verdicts()[1]["task"]["then"] == [{"task": "x"}, {"task": "c", "on": "failed"}]
    harness.restart()
    harness.put(2, "c", LATER, then=then("b"))
    harness.put(3, "b", LATER)
    harness.put(4, "c", LATER, then=then("b"))
    harness.put(5, "a", LATER, name="A", then=then("b"))
    harness.send(6, type="delete", task_id="c")
    harness.put(7, "b", LATER, then=then("c"))
    harness.settle(7)
    words = [verdict["verdict"] for verdict in harness.verdicts()][3:]
    assert words == ["rejected", "accepted", "accepted", "accepted", "accepted", "accepted"]
    assert [(key, value and msgspec.json.decode(value)["successors"]) for key, value in harness.links] == [
        ("a", ["b"]),
        ("b", ["x", "c"]),
        ("b", None),
        ("c", ["b"]),
        ("c", None),
        ("b", ["c"]),
    ]


def test_a_circle_through_another_partition_is_seen_and_of_its_own_tasks_each_knows_best() -> None:
    own, other = (next(f"t{n}" for n in range(99) if partition_of(f"t{n}", 2) == home) for home in (0, 1))
    harness = PartitionHarness(partitions=2)
    harness.chains.put(other, [own])
    harness.chains.put(own, ["old"])  # what was written before, and holds no more
    harness.put(0, own, LATER, then=then(other))
    harness.settle(1)
    assert [error["pointer"] for error in last(harness)["errors"]] == ["/then/0/task"]
    harness.chains.put(other, ())
    harness.put(2, own, LATER, then=then(other))
    harness.settle(2)
    assert last(harness)["verdict"] == "accepted"


def test_a_definition_that_stands_is_not_checked_again() -> None:
    """A circle that two definitions closed at once harms nobody who changes something else."""
    own, other = (next(f"t{n}" for n in range(99) if partition_of(f"t{n}", 2) == home) for home in (0, 1))
    harness = PartitionHarness(partitions=2)
    harness.put(0, own, LATER, then=then(other))
    harness.settle(1)
    harness.chains.put(other, [own])
    harness.put(2, own, LATER, name="new", then=then(other))
    harness.settle(2)
    assert last(harness)["verdict"] == "accepted"
