"""Attempts that wait for their callback: handed to the ticker, ended by what it sends, and no slot in between."""

from typing import Any

import msgspec
import pytest
from msgspec import Raw

from tasker_core.events.callback_events import WaitEvent
from tasker_core.events.task_event import parse_event
from tasker_core.messages.base import encode
from tasker_core.messages.runs import Policy, ReportedEnd, RetryPolicy, Run, RunError, RunStarted
from tasker_core.time.instant import parse_second, rfc3339
from tasker_executor.partition.decoding import MAX_AGE_MS, UndecodableRecord, decode_record
from tasker_executor.partition.priority_lanes import Lane
from tasker_executor.testing.runner_harness import NOON, NewRunnerHarness, RunnerHarness

HOUR = 3_600_000


def reported(run: Run, **fields: Any) -> bytes:
    """The end of an attempt that began a second after noon and was reported an hour later."""
    defaults: dict[str, Any] = {
        "outcome": "succeeded",
        "received_at": rfc3339(NOON + 900),
        "started_at": rfc3339(NOON + 1000),
        "reported_at": rfc3339(NOON + HOUR),
    }
    return encode(ReportedEnd(task_id=run.task_id, run=run, **(defaults | fields)))


def emit(runner: RunnerHarness, run: Run, lane: Lane = "live", **fields: Any) -> int:
    return runner.emit(lane, reported(run, **fields)).offset


async def test_a_wait_is_handed_over_before_its_offset_is_passed(new_runner_harness: NewRunnerHarness) -> None:
    runner: RunnerHarness = new_runner_harness(concurrency=1)
    run = runner.run(handler="deferred", payload=Raw(b'{"a": [1,  2]}'))
    await runner.iterate()
    (value,) = runner.events.sent
    event = parse_event(value, [], b"t")
    assert isinstance(event, WaitEvent)
    assert (event.run, event.until, event.lane) == (run, NOON // 1000 + 3600, "live")
    assert (event.origin.event_id, event.started_at) == (f"wait-{run.run_id}-1", rfc3339(NOON))
    (started,) = runner.results.results
    assert isinstance(started, RunStarted)
    assert parse_second(started.waiting_until or "") == NOON // 1000 + 3600
    assert runner.unfinished("live") == [0]
    assert runner.busy_slots == 0
    assert await runner.finished() == {}
    assert runner.unfinished("live") == []


async def test_a_waiting_run_is_not_unfinished(new_runner_harness: NewRunnerHarness) -> None:
    runner: RunnerHarness = new_runner_harness()
    first, second = (runner.run(handler="deferred", overlap="skip", at=at) for at in (0, 1))
    await runner.iterate()
    third = runner.run(handler="deferred", overlap="skip", at=2)
    ends = await runner.finished()
    assert [one.outcome for one in ends.values()] == ["skipped"]
    assert set(ends) == {second.run_id}
    assert runner.started == [first.run_id, third.run_id]


async def test_a_reported_end_becomes_the_result_and_nothing_is_run(new_runner_harness: NewRunnerHarness) -> None:
    runner: RunnerHarness = new_runner_harness()
    run = runner.run(handler="deferred")
    await runner.iterate()
    emit(runner, run, result=Raw(b'{"rows":7}'))
    end = (await runner.finished())[run.run_id]
    assert (end.outcome, bytes(end.result), end.worker, end.lane) == ("succeeded", b'{"rows":7}', "worker", "live")
    assert (end.received_at, end.started_at, end.finished_at) == (
        rfc3339(NOON + 900),
        rfc3339(NOON + 1000),
        rfc3339(NOON + HOUR),
    )
    assert runner.started == [run.run_id]
    assert runner.unfinished("live") == []


async def test_a_reported_failure_is_tried_again_and_the_last_one_is_a_dead_letter(
    new_runner_harness: NewRunnerHarness,
) -> None:
    runner: RunnerHarness = new_runner_harness()
    run = runner.run(handler="deferred", retry=RetryPolicy(max_attempts=2))
    last = msgspec.structs.replace(run, attempt=2)
    emit(runner, run, outcome="failed", error=RunError("reported", "disk full"))
    emit(runner, last, "background", outcome="failed", error=RunError("k" * 200, "m" * 2000))
    await runner.finished()
    events, dead = [msgspec.json.decode(value) for value in runner.events.sent], runner.dead_letters
    again = [event for event in events if event["type"] == "retry"]
    assert [(event["attempt"], event["run"]) for event in again] == [(2, msgspec.json.decode(encode(run)))]
    assert [msgspec.json.decode(value)["type"] for value in dead.sent] == ["reported"]
    ends = {one.attempt: one for one in runner.results.results if not isinstance(one, RunStarted)}
    assert ends[1].retry_at is not None
    assert ends[2].retry_at is None
    assert ends[2].error is not None
    assert (len(ends[2].error.kind), len(ends[2].error.message)) == (100, 1000)


async def test_the_outcome_of_a_task_that_counts_is_reported(new_runner_harness: NewRunnerHarness) -> None:
    runner: RunnerHarness = new_runner_harness()
    run = runner.run(handler="deferred", policy=Policy(max_consecutive_failures=3))
    emit(runner, run)
    await runner.finished()
    events = [msgspec.json.decode(value) for value in runner.events.sent]
    assert sorted(event["type"] for event in events) == ["outcome", "wait"]


async def test_an_end_that_was_reported_long_ago_still_counts(new_runner_harness: NewRunnerHarness) -> None:
    runner: RunnerHarness = new_runner_harness()
    old = rfc3339(NOON - 8 * MAX_AGE_MS)
    run = msgspec.structs.replace(runner.run(handler="default"), run_id="old", emitted_at=old, effective_at=old)
    emit(runner, run, reported_at=rfc3339(NOON - 2 * MAX_AGE_MS), received_at=old, started_at=old)
    assert (await runner.finished())["old"].outcome == "succeeded"


async def test_an_end_that_is_older_than_its_start_by_another_clock_is_no_negative_duration(
    new_runner_harness: NewRunnerHarness,
) -> None:
    runner: RunnerHarness = new_runner_harness()
    run = runner.run(handler="deferred")
    emit(runner, run, reported_at=rfc3339(NOON - 50))
    end = (await runner.finished())[run.run_id]
    assert end.finished_at == end.started_at == rfc3339(NOON + 1000)


@pytest.mark.parametrize("field", ["received_at", "started_at", "reported_at"])
def test_an_end_without_its_instants_is_undecodable(field: str) -> None:
    instants: dict[str, Any] = {
        "run_id": "r",
        "nominal_at": rfc3339(NOON),
        "effective_at": rfc3339(NOON),
        "emitted_at": rfc3339(NOON),
    }
    run = Run(task_id="t", task_name="t", generation=1, version=1, **instants)
    assert isinstance(decode_record(reported(run)), ReportedEnd)
    with pytest.raises(UndecodableRecord):
        decode_record(reported(run, **{field: "soon"}))
    with pytest.raises(UndecodableRecord):
        decode_record(reported(msgspec.structs.replace(run, attempt=0)))
