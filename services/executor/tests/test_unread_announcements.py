"""A run of a handler that nobody is known to have, while the announcements can't be read: it waits for them."""

import asyncio
from collections.abc import Callable

import pytest

from tasker_core.time.instant import rfc3339
from tasker_executor.announcements.foreign_handlers import ForeignHandlers
from tasker_executor.partition.decoding import MAX_AGE_MS
from tasker_executor.partition.priority_lanes import LANES
from tasker_executor.scheduling import unclaimed_runs
from tasker_executor.testing.runner_harness import NOON, NewRunnerHarness
from tasker_runtime.handler_registry_reader import HandlerRegistryReader


class Announced(HandlerRegistryReader):
    """Announcements that can't be read until `is_readable`; `theirs` is announced by the group b meanwhile."""

    def __init__(self) -> None:
        self.is_readable, self.looks, self._groups = False, 0, dict[str, str]()

    def group_of(self, handler: str) -> str | None:
        return self._groups.get(handler)

    async def refresh(self) -> bool:
        self.looks += 1
        await asyncio.sleep(0)
        if self.is_readable:
            self._groups["theirs"] = "b"
        return self.is_readable


@pytest.fixture(autouse=True)
def _retries_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unclaimed_runs, "REFRESH_SECONDS", 0)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)


async def test_a_run_waits_until_it_is_known_whose_its_handler_is(new_runner_harness: NewRunnerHarness) -> None:
    registry = Announced()
    harness = new_runner_harness(foreign_handlers=ForeignHandlers(registry, "a"))
    harness.run(handler="theirs")
    nobodys = harness.run(handler="nobody's")
    others = [harness.run(f"t{n}", handler=handler) for n, handler in enumerate(("default", "blocking"))]
    await until(lambda: registry.looks > 2)
    assert harness.started == [run.run_id for run in others]
    assert (harness.unfinished("live")[:2], harness.busy_slots, harness.dead_letters.sent) == ([0, 1], 1, [])
    registry.is_readable = True
    await until(lambda: bool(harness.dead_letters.sent))
    ends = await harness.finished()
    assert ends.keys() == {nobodys.run_id, others[0].run_id}
    assert harness.unfinished("live") == [3]


async def test_however_many_wait_the_others_of_their_partition_are_read(new_runner_harness: NewRunnerHarness) -> None:
    registry = Announced()
    harness = new_runner_harness(foreign_handlers=ForeignHandlers(registry, "a"))
    for n in range(1_500):
        harness.run(f"t{n}", handler="theirs")
    await until(lambda: registry.looks > 2)
    assert harness.partitions["live"].has_capacity
    looks, registry.is_readable = registry.looks, True
    await until(lambda: not harness.unfinished("live"))
    assert registry.looks < looks + 5, "they share a look"
    assert harness.partitions["live"].read_ahead.waiting == 0
    assert (harness.results.results, harness.dead_letters.sent) == ([], [])


async def test_it_waits_for_a_day_at_most(new_runner_harness: NewRunnerHarness) -> None:
    harness = new_runner_harness(foreign_handlers=ForeignHandlers(Announced(), "a"))
    run = harness.run(handler="theirs", emitted_at=rfc3339(NOON - MAX_AGE_MS - 1))
    await until(lambda: bool(harness.dead_letters.sent))
    end = (await harness.finished())[run.run_id]
    assert (end.outcome, end.error and end.error.kind) == ("failed", "too_old")


async def test_a_cancel_finds_a_run_that_waits_and_holds_once_it_is_known_to_be_nobodys(
    new_runner_harness: NewRunnerHarness,
) -> None:
    registry = Announced()
    harness = new_runner_harness(foreign_handlers=ForeignHandlers(registry, "a"))
    cancelled = [harness.run(handler="nobody's") for _ in range(2)]
    harness.cancel(*LANES, at=5_000)
    harness.cancel("live", run_id="another")
    kept = [harness.run(handler="nobody's", at=5_000), harness.run("other", handler="nobody's")]
    await until(lambda: registry.looks > 2)
    assert (harness.unfinished("live"), harness.unfinished("background")) == ([0, 1, 2, 4, 5], [0])
    registry.is_readable = True
    await until(lambda: len(harness.dead_letters.sent) == 2)
    ends = await harness.finished()
    assert {run.run_id: ends[run.run_id].outcome for run in (*cancelled, *kept)} == {
        **dict.fromkeys((run.run_id for run in cancelled), "cancelled"),
        **dict.fromkeys((run.run_id for run in kept), "failed"),
    }
    assert (harness.unfinished("live"), harness.unfinished("background")) == ([], [])


async def test_of_a_cancelled_run_that_is_another_groups_nothing_is_reported_here(
    new_runner_harness: NewRunnerHarness,
) -> None:
    registry = Announced()
    harness = new_runner_harness(foreign_handlers=ForeignHandlers(registry, "a"))
    run = harness.run(handler="theirs")
    await until(lambda: registry.looks > 2)
    harness.cancel(*LANES, run_id=run.run_id, at=5_000)
    assert (harness.unfinished("live"), harness.unfinished("background")) == ([0, 1], [0])
    registry.is_readable = True
    await until(lambda: not (harness.unfinished("live") or harness.unfinished("background")))
    assert (harness.results.results, harness.dead_letters.sent) == ([], [])


@pytest.mark.parametrize("steps", [0, 5])
async def test_the_next_owner_reads_the_run_and_its_cancel_again(
    new_runner_harness: NewRunnerHarness, steps: int
) -> None:
    registry = Announced()
    harness = new_runner_harness(foreign_handlers=ForeignHandlers(registry, "a"))
    run = harness.run(handler="nobody's")
    harness.cancel("live")
    await harness.iterate(steps)
    harness.lose("live")
    harness.cancel("background", at=5_000)
    assert harness.unfinished("background") == [], "it means no run that is ours"
    harness.read("live")
    registry.is_readable = True
    await until(lambda: bool(harness.results.results))
    assert (await harness.finished())[run.run_id].outcome == "cancelled"
    assert (harness.unfinished("live"), len(harness.results.results)) == ([], 1)


async def test_a_cancelled_run_that_waited_for_a_day_ends_as_cancelled(new_runner_harness: NewRunnerHarness) -> None:
    harness = new_runner_harness(foreign_handlers=ForeignHandlers(Announced(), "a"))
    run = harness.run(handler="theirs", emitted_at=rfc3339(NOON - MAX_AGE_MS - 1))
    harness.cancel("live")
    await until(lambda: bool(harness.results.results))
    assert (await harness.finished())[run.run_id].outcome == "cancelled"
    assert harness.dead_letters.sent == []
