"""The judge sees each thing that was tampered with, and nothing where nothing was."""

from collections.abc import Callable
from copy import deepcopy

import pytest

from tasker_cli.testing import FROM, LATE_MS, SECONDS, RecordedWorld, first_of, nominal, run_id, violations
from tasker_cli.verify.judgement.findings import Violation


@pytest.fixture
def world() -> RecordedWorld:
    """Task a runs in each of 20 seconds; b is missed in four and paused in five of them; a has a manual run, too."""
    world = RecordedWorld()
    for task in "ab":
        world.verdict(task, "put", 0)
    for n in range(1, SECONDS + 1):
        world.carry_out("a", n)
        if not 5 <= n <= 8 and not 11 <= n <= 15:
            world.carry_out("b", n)
    world.miss("b", 5, 8)
    world.verdict("b", "pause", 10, paused=True)
    world.verdict("b", "resume", 15)
    for task in "ab":
        world.verdict(task, "delete", SECONDS)
    world.carry_out("a", 3, run_id="f" * 32, kind="manual")
    world.verdict("a", "trigger", 3)
    world.verdicts[-1][0]["run_id"] = "f" * 32
    return world


def test_an_untampered_world_is_right(world: RecordedWorld) -> None:
    found = world.judge()
    assert violations(found) == {}
    counted = found.counted
    assert (counted["due"], counted["emitted"], counted["missed"], counted["while paused"]) == (35, 31, 4, 5)
    assert (found.outcomes["succeeded"], counted["manual runs"]) == (32, 1)
    assert (found.appended.quantile(0.5), found.logged.quantile(0.99)) == (40, 90)
    assert found.logged.worst is not None
    assert found.logged.worst[0] == 90


def lose_a_run(world: RecordedWorld) -> None:
    del world.due[first_of(world.due, "a", 7)]
    del world.results[first_of(world.results, "a", 7)]
    del world.runs[run_id("a", 7)]


def double_a_run(world: RecordedWorld) -> None:
    world.due.append(world.due[first_of(world.due, "a", 7)])


def run_what_is_missed(world: RecordedWorld) -> None:
    world.carry_out("b", 6)


def miss_it_twice(world: RecordedWorld) -> None:
    world.miss("b", 8, 8)


def one_id_for_two_runs(world: RecordedWorld) -> None:
    for records in (world.due, world.results):
        place = first_of(records, "a", 8)
        records[place] = (records[place][0] | {"run_id": run_id("a", 7)}, 8)
    del world.runs[run_id("a", 8)]


def move_a_run_by_a_second(world: RecordedWorld) -> None:
    for records in (world.due, world.results):
        place = first_of(records, "a", 20)
        records[place] = (records[place][0] | {"nominal_at": nominal(21)}, 21)
    world.runs[run_id("a", 20)]["nominal_at"] = nominal(21)


def run_while_paused(world: RecordedWorld) -> None:
    world.carry_out("b", 12)


def run_before_it_was_there(world: RecordedWorld) -> None:
    world.verdict("a", "put", SECONDS + 5)
    world.verdict("a", "delete", SECONDS + 6)
    world.carry_out("a", SECONDS + 6)
    world.carry_out("a", SECONDS + 5)


def emit_late(world: RecordedWorld) -> None:
    place = first_of(world.due, "a", 7)
    world.due[place] = (world.due[place][0], 18)


def emit_early(world: RecordedWorld) -> None:
    place = first_of(world.due, "a", 7)
    world.due[place] = (world.due[place][0], 5)


def report_early(world: RecordedWorld) -> None:
    place = first_of(world.results, "a", 7)
    world.results[place] = (world.results[place][0], 6)


def a_result_without_a_run(world: RecordedWorld) -> None:
    world.results.append((world.results[0][0] | {"run_id": "e" * 32, "nominal_at": nominal(9)}, 9))


def a_document_is_missing(world: RecordedWorld) -> None:
    del world.runs[run_id("b", 3)]


def a_missed_range_is_not_logged(world: RecordedWorld) -> None:
    world.missed.clear()


def a_document_is_unfinished(world: RecordedWorld) -> None:
    world.runs[run_id("b", 3)]["state"] = "running"


def a_document_contradicts_its_result(world: RecordedWorld) -> None:
    world.runs[run_id("b", 3)]["state"] = "failed"


def a_document_has_another_time(world: RecordedWorld) -> None:
    world.runs[run_id("b", 3)]["finished_at"] = nominal(4)


def a_document_without_a_run(world: RecordedWorld) -> None:
    world.runs["d" * 32] = world.runs[run_id("b", 3)] | {"run_id": "d" * 32}


def a_document_without_a_result(world: RecordedWorld) -> None:
    del world.results[first_of(world.results, "b", 3)]


def an_invented_missed_range(world: RecordedWorld) -> None:
    world.missed.append(("a", FROM + 3, FROM + 4, "policy"))


def logged_late(world: RecordedWorld) -> None:
    world.runs[run_id("b", 3)]["logged_ms"] += 11_000


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (lose_a_run, {"lost": 1}),
        (double_a_run, {"doubled": 1}),
        (run_what_is_missed, {"doubled": 1}),
        (miss_it_twice, {"doubled": 1}),
        (one_id_for_two_runs, {"doubled": 1, "unlogged": 1}),
        (move_a_run_by_a_second, {"lost": 1, "outside": 1}),
        (run_while_paused, {"outside": 1}),
        (run_before_it_was_there, {"outside": 1}),
        (emit_late, {"late": 1}),
        (emit_early, {"early": 1}),
        (report_early, {"early": 1}),
        (a_result_without_a_run, {"stray_result": 1}),
        (a_document_is_missing, {"unlogged": 1}),
        (a_missed_range_is_not_logged, {"unlogged": 1}),
        (a_document_is_unfinished, {"unlogged": 1}),
        (a_document_contradicts_its_result, {"wrongly_logged": 1}),
        (a_document_has_another_time, {"wrongly_logged": 1}),
        (a_document_without_a_run, {"wrongly_logged": 1}),
        (a_document_without_a_result, {"wrongly_logged": 1}),
        (an_invented_missed_range, {"wrongly_logged": 1}),
        (logged_late, {"logged_late": 1}),
    ],
)
def test_what_is_tampered_with_is_found(
    world: RecordedWorld, tamper: Callable[[RecordedWorld], None], expected: dict[Violation, int]
) -> None:
    tamper(world)
    found = world.judge()
    assert violations(found) == expected
    for kind in violations(found):
        assert found.first_examples(kind)


def test_each_single_record_is_needed_and_may_be_there_once(world: RecordedWorld) -> None:
    for n, (run, _) in enumerate(world.due):
        if run.get("kind") == "manual":
            continue
        fewer, more = deepcopy(world), deepcopy(world)
        del fewer.due[n]
        more.due.insert(n, world.due[n])
        assert fewer.judge().counts["lost"] == 1
        assert more.judge().counts["doubled"] == 1


def test_a_run_that_is_moved_onto_another_is_both_lost_and_doubled(world: RecordedWorld) -> None:
    place = first_of(world.due, "a", 7)
    world.due[place] = (world.due[place][0] | {"nominal_at": nominal(8)}, 7)
    found = world.judge()
    assert (found.counts["lost"], found.counts["doubled"]) == (1, 1)


def test_an_execution_that_is_repeated_after_a_crash_is_no_second_emission(world: RecordedWorld) -> None:
    again, n = world.results[first_of(world.results, "a", 7)]
    world.results.append((again | {"finished_at": nominal(8)}, n + 1))
    found = world.judge()
    assert (violations(found), found.counted["repeated executions"]) == ({}, 1)


def test_retries_are_no_second_emission_unless_one_comes_twice(world: RecordedWorld) -> None:
    place = first_of(world.results, "a", 7)
    failed = world.results[place][0]
    world.results[place] = (failed | {"outcome": "failed", "retry_at": nominal(9)}, 7)
    run = world.due[first_of(world.due, "a", 7)][0]
    world.due.append((run | {"attempt": 2}, 9))
    world.results.append((failed | {"attempt": 2, "outcome": "succeeded"}, 9))
    found = world.judge()
    assert (violations(found), found.counted["later attempts"]) == ({}, 1)
    world.due.append((run | {"attempt": 2}, 10))
    assert violations(world.judge()) == {"doubled": 1}


def test_a_further_attempt_that_never_comes_is_lost(world: RecordedWorld) -> None:
    place = first_of(world.results, "a", 7)
    failed = world.results[place][0] | {"outcome": "failed"}
    world.results[place] = (failed | {"retry_at": nominal(9)}, 7)
    world.runs[run_id("a", 7)]["state"] = "retrying"
    found = world.judge()
    assert violations(found) == {"lost": 1}
    assert "attempt 2" in found.first_examples("lost")[0].what
    assert violations(world.judge(last=FROM + 9 + LATE_MS // 1000)) == {}  # it may be a little late
    run = world.due[first_of(world.due, "a", 7)][0]
    world.due.append((run | {"attempt": 2}, 9))
    assert violations(world.judge()) == {}
    world.results.append((failed | {"attempt": 2, "retry_at": nominal(12)}, 9))
    found = world.judge()
    assert violations(found) == {"lost": 1}
    assert "attempt 3" in found.first_examples("lost")[0].what


def test_a_run_that_the_ticker_ended_may_be_logged_so(world: RecordedWorld) -> None:
    place = first_of(world.results, "a", 7)
    world.results[place] = (world.results[place][0] | {"outcome": "failed", "retry_at": nominal(9)}, 7)
    world.runs[run_id("a", 7)]["state"] = "cancelled"
    assert violations(world.judge()) == {"wrongly_logged": 1, "lost": 1}
    ended = {
        "type": "ended",
        "run_id": run_id("a", 7),
        "nominal_at": nominal(7),
        "outcome": "cancelled",
        "task_id": "a",
    }
    world.verdicts.append((ended, 8))
    assert violations(world.judge()) == {}


def test_what_is_unfinished_is_wrong_only_after_a_while(world: RecordedWorld) -> None:
    place = first_of(world.results, "a", 7)
    del world.results[place]
    world.runs[run_id("a", 7)]["state"] = "running"
    found = world.judge()
    assert (violations(found), found.counted["runs not finished yet"]) == ({}, 1)
    assert violations(world.judge(last=FROM + 200)) == {"endless": 1}


def test_a_result_that_came_while_the_log_was_read_may_be_missing_there(world: RecordedWorld) -> None:
    world.runs[run_id("a", 7)]["state"] = "running"
    world.fresh_from = 7
    assert violations(world.judge()) == {}
    world.fresh_from = 8
    assert violations(world.judge()) == {"unlogged": 1}


def test_only_the_window_is_judged(world: RecordedWorld) -> None:
    lose_a_run(world)
    assert violations(world.judge(first=FROM + 8)) == {}
    assert world.judge(first=FROM + 8, last=FROM + 9).counted["due"] == 4
    assert (
        world.judge(first=FROM - 1000, last=FROM + 1000).counted["due"] == 35
    )  # what is before a life and behind it costs nothing
    assert violations(world.judge(last=FROM + 6)) == {}
