"""What follows a run is started when its result is acknowledged, and before its offset may be committed."""

import asyncio
from collections import defaultdict
from itertools import count

import pytest
from msgspec.structs import replace

from tasker_core.chains.links import ChainLink, Predecessor
from tasker_core.events.chain_event import ChainEvent
from tasker_core.events.task_event import parse_event
from tasker_core.messages.base import encode
from tasker_core.messages.runs import Cancel, Policy, RetryPolicy, Run
from tasker_core.topics import PARTITIONS, partition_of
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.handlers.local_handlers import LocalHandlers
from tasker_executor.reporting.task_event_publisher import chain_event
from tasker_executor.testing.executor_harness import ExecutorHarness
from tasker_executor.testing.runner_harness import RunnerHarness

AT = "2026-01-01T12:00:00.000Z"
THEN = (ChainLink("good-news"), ChainLink("alarm", "failed"), ChainLink("tidy", "any"))
STARTS = Policy(then=THEN)
RUN = Run(
    run_id="0" * 32,
    task_id="t",
    task_name="t",
    generation=1,
    version=2,
    nominal_at=AT,
    effective_at=AT,
    emitted_at=AT,
    policy=STARTS,
    chain=("a", "b"),
)


def test_the_ticker_reads_the_event_as_it_was_meant() -> None:
    event = parse_event(chain_event(RUN, "live", "failed", "alarm"), [], b"alarm")
    assert isinstance(event, ChainEvent)
    assert (event.origin.task_id, event.after) == ("alarm", Predecessor("t", RUN.run_id, AT, "failed"))
    assert (event.chain, event.late, event.origin.event_id) == (("a", "b", "t"), False, f"chain-{RUN.run_id}-alarm")
    late = parse_event(chain_event(RUN, "background", "succeeded", "x" * 128), [], None)
    assert isinstance(late, ChainEvent)
    assert late.late


def started(values: list[bytes]) -> dict[str, list[str]]:
    """The tasks that are started, by the run before them."""
    found = defaultdict[str, list[str]](list)
    for value in values:
        event = parse_event(value, [], None)
        if isinstance(event, ChainEvent):
            found[event.after.run_id].append(event.origin.task_id)
    return {run_id: sorted(tasks) for run_id, tasks in found.items()}


def lucky(run: Run) -> object:
    if bytes(run.payload) == b'"bad"':
        raise AttemptFailed("no_luck", "it was not to be")
    return None


async def hangs(_: Run) -> object:
    await asyncio.Event().wait()


HANDLERS = LocalHandlers(quick={"lucky": lucky}, slow={"hangs": hangs})


async def test_each_final_end_starts_what_follows_it_and_nothing_else_does(harness: ExecutorHarness) -> None:
    ids = (f"{number:032x}" for number in count())
    again = replace(STARTS, retry=RetryPolicy(max_attempts=2))
    async with harness.executor(HANDLERS):
        good = await harness.send("lucky", policy=STARTS, run_id=next(ids))
        filled = await harness.send("lucky", policy=STARTS, run_id=next(ids), kind="backfill", lane="background")
        failed = await harness.send("lucky", "bad", policy=STARTS, run_id=next(ids))
        unknown = await harness.send("no-such", policy=STARTS, run_id=next(ids))
        last = await harness.send("lucky", "bad", policy=again, run_id=next(ids), attempt=2)
        first = await harness.send("lucky", "bad", policy=again, run_id=next(ids))
        alone = await harness.send("lucky", run_id=next(ids))
        hanging = await harness.send("hangs", policy=STARTS, run_id=next(ids))
        await harness.send_raw(encode(Cancel(task_id=hanging.task_id)), hanging.task_id)
        await harness.all_finished([good, filled, failed, unknown, last, first, alone, hanging])
        await harness.until(lambda: len(started([r.value or b"" for r in harness.events])) >= 5, "all is started")
    sad, glad = ["alarm", "tidy"], ["good-news", "tidy"]
    ends = [(good, glad), (filled, glad), (failed, sad), (unknown, sad), (last, sad)]
    assert started([record.value or b"" for record in harness.events]) == {run.run_id: end for run, end in ends}
    for record in harness.events:
        event = parse_event(record.value, record.headers, record.key)
        assert record.partition == partition_of(event.origin.task_id, PARTITIONS)
        if isinstance(event, ChainEvent):
            assert event.late == (event.after.run_id == filled.run_id)


@pytest.mark.parametrize("handler", ["default", "blocking"])
async def test_the_result_comes_first_and_the_offset_last(handler: str) -> None:
    harness = RunnerHarness()
    run = harness.run(handler=handler, policy=STARTS, run_id=RUN.run_id)
    harness.release(run.run_id)
    await harness.iterate()
    assert [result.run_id for result in harness.results.results] == [run.run_id]
    assert (harness.events.sent, harness.unfinished("live")) == ([], [0])
    harness.results.acknowledge()
    await harness.iterate()
    assert started(harness.events.sent) == {run.run_id: ["good-news", "tidy"]}
    assert harness.unfinished("live") == []
    await harness.close()


async def test_until_what_follows_is_started_the_run_is_done_again() -> None:
    harness = RunnerHarness()
    run = harness.run(handler="default", policy=STARTS, run_id=RUN.run_id)
    await harness.iterate()
    harness.lose("live")  # before the result is acknowledged
    harness.results.acknowledge()
    await harness.iterate()
    assert harness.events.sent == []
    harness.read("live")
    await harness.iterate()
    harness.results.acknowledge()
    await harness.iterate()
    assert started(harness.events.sent) == {run.run_id: ["good-news", "tidy"]}
    assert harness.started == [run.run_id, run.run_id]
    await harness.close()
