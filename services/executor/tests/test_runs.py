"""What becomes of runs, on a real Kafka: both lanes, every kind of end, and nobody delayed by others."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from prometheus_client import REGISTRY

from tasker_core.messages.runs import Policy, Run, RunStarted
from tasker_core.time.instant import parse_ms, rfc3339
from tasker_core.topics import PARTITIONS
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.handlers.local_handlers import LocalHandlers
from tasker_executor.partition.read_ahead import MAX_WAITING
from tasker_executor.testing.executor_harness import CLOCK, ExecutorHarness

DAY_MS = 24 * 3600 * 1000


class Handlers:
    """`default` returns at once, `blocking` waits until `released`, `never` for ever; `raises`, `fails`, `odd`, ..."""

    def __init__(self) -> None:
        self.released = asyncio.Event()
        self.started: list[str] = []
        self.most, self.now = 0, 0
        self.handlers = LocalHandlers(
            quick={"default": lambda _: {"logged": True}, "quick-raises": self.raises},
            slow={
                "blocking": self.blocking,
                "never": self.never,
                "fails": self.fails,
                "odd": self.odd,
                "raises": self.later,
            },
        )

    async def blocking(self, run: Run) -> object:
        self.started.append(run.run_id)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await self.released.wait()
        finally:
            self.now -= 1
        return "through"

    async def never(self, run: Run) -> object:
        self.started.append(run.run_id)
        return await asyncio.Event().wait()

    async def fails(self, _: Run) -> object:
        raise AttemptFailed("no_luck", "it was not to be", {"kept": 1})

    async def odd(self, _: Run) -> object:
        return object()

    def raises(self, _: Run) -> object:
        raise ZeroDivisionError("half a sentence")

    def later(self, run: Run) -> Awaitable[object]:
        async def raise_it() -> object:
            self.raises(run)
            return None

        return raise_it()


@pytest.fixture
async def handlers() -> Handlers:
    return Handlers()


def waiting(lane: str) -> float:
    return REGISTRY.get_sample_value("tasker_executor_waiting_runs", {"lane": lane}) or 0


def backlog_age(lane: str) -> float:
    return REGISTRY.get_sample_value("tasker_executor_backlog_age_seconds", {"lane": lane}) or 0


async def test_runs_of_both_lanes_end_with_all_that_is_to_be_reported(
    harness: ExecutorHarness, handlers: Handlers
) -> None:
    async with harness.executor(handlers.handlers):
        live = await harness.send("default", {"a": 1})
        background = await harness.send("default", lane="background")
        await harness.all_finished([live, background])
    end = harness.finished()[live.run_id]
    assert {name: getattr(end, name) for name in live.__struct_fields__} == {
        name: getattr(live, name) for name in live.__struct_fields__
    }
    assert (end.outcome, bytes(end.result), end.error, end.lane) == ("succeeded", b'{"logged":true}', None, "live")
    assert harness.finished()[background.run_id].lane == "background"
    assert end.started_at is not None
    assert parse_ms(end.received_at) <= parse_ms(end.started_at) <= parse_ms(end.finished_at)
    assert end.worker.rpartition("-")[2].isdecimal()
    assert not harness.dead_letters
    assert all(not isinstance(one, RunStarted) for one in harness.results)


@pytest.mark.parametrize(
    ("handler", "fields", "kind", "words"),
    [
        ("no-such", {}, "unknown_handler", "default"),
        ("fails", {}, "no_luck", "it was not to be"),
        ("odd", {}, "result_not_json", "JSON"),
        ("raises", {}, "error", "ZeroDivisionError: half a sentence"),
        ("quick-raises", {}, "error", "ZeroDivisionError: half a sentence"),
        ("never", {"policy": Policy("PT0.2S")}, "timeout", "PT0.2S"),
        ("default", {"emitted_at": rfc3339(CLOCK.now_ms() - DAY_MS - 60_000)}, "too_old", "24 h"),
        ("blocking", {"emitted_at": rfc3339(CLOCK.now_ms() - DAY_MS - 60_000)}, "too_old", "24 h"),
    ],
)
async def test_a_failed_run_says_why_and_is_kept_as_a_dead_letter(
    harness: ExecutorHarness, handlers: Handlers, handler: str, fields: dict[str, Any], kind: str, words: str
) -> None:
    async with harness.executor(handlers.handlers):
        run = await harness.send(handler, **fields)
        await harness.all_finished([run])
        await harness.until(lambda: harness.dead_letters, "a dead letter")
    end = harness.finished()[run.run_id]
    assert end.error is not None
    assert (end.outcome, end.error.kind) == ("failed", kind)
    assert words in end.error.message
    assert "Traceback" not in end.error.message
    assert bytes(end.result) == (b'{"kept":1}' if handler == "fails" else b"null")
    (dead_letter,) = harness.dead_letters
    assert dead_letter.key == run.task_id.encode()
    headers = dict(dead_letter.headers)
    assert headers["tasker-reason"].startswith(kind.encode())
    assert (headers["tasker-service"], headers["tasker-topic"]) == (b"executor", harness.topics["due-tasks"].encode())
    if kind in ("too_old", "unknown_handler"):
        assert end.started_at is None
        assert not handlers.started


async def test_what_is_no_run_is_kept_and_the_partition_goes_on(harness: ExecutorHarness, handlers: Handlers) -> None:
    task_id = harness.task_in()
    garbage = [b"\x00\xff", b'{"type":"explode","task_id":"t"}', b"[]", b'{"type":"run"}']
    async with harness.executor(handlers.handlers):
        for value in garbage:
            await harness.send_raw(value, task_id)
        run = await harness.send("default", task_id=task_id)
        await harness.all_finished([run])
        await harness.until(lambda: len(harness.dead_letters) == len(garbage), "all dead letters")
    assert {dead_letter.value for dead_letter in harness.dead_letters} == set(garbage)
    async with harness.executor(handlers.handlers):  # all of them are committed: none is met again
        await harness.all_finished([await harness.send("default", task_id=task_id)])
        await harness.read()
    assert len(harness.dead_letters) == len(garbage)


async def test_a_run_that_takes_long_is_reported_as_started_before_it_ends(
    harness: ExecutorHarness, handlers: Handlers
) -> None:
    async with harness.executor(handlers.handlers):
        run = await harness.send("blocking", {"a": 1})
        await harness.until(lambda: harness.results, "the run is reported")
        handlers.released.set()
        await harness.all_finished([run])
    first, second = harness.results
    assert isinstance(first, RunStarted)
    assert (first.run_id, bytes(first.payload), first.started_at) == (run.run_id, b'{"a":1}', second.started_at)


async def test_hanging_runs_hold_up_nobody_beyond_their_own_slots(harness: ExecutorHarness, handlers: Handlers) -> None:
    async with harness.executor(handlers.handlers, executor_concurrency=4, drain_seconds=0.1):
        hanging = [await harness.send("never", partition=3) for _ in range(3)]
        await harness.until(lambda: len(handlers.started) == 3, "three hang")
        handlers.released.set()
        others = [await harness.send("blocking", partition=3) for _ in range(20)]
        others += [await harness.send("blocking", partition=3, lane="background") for _ in range(5)]
        await harness.all_finished(others)
        hanging.append(await harness.send("never"))
        await harness.until(lambda: len(handlers.started) == 29, "all four slots hang")
        quick = [await harness.send("default", partition=p) for p in range(PARTITIONS)]
        await harness.all_finished(quick)
        await harness.send("never", partition=3)
        await harness.until(lambda: backlog_age("live") > 0.1, "the one that waits gets older")
        assert backlog_age("background") == 0
        assert harness.finished().keys().isdisjoint({run.run_id for run in hanging})


async def test_slots_bound_what_executes_and_the_background_gets_half(
    harness: ExecutorHarness, handlers: Handlers
) -> None:
    async with harness.executor(handlers.handlers, executor_concurrency=6):
        background = [await harness.send("blocking", lane="background") for _ in range(8)]
        await harness.until(lambda: waiting("background") == 5, "the background waits")
        assert handlers.now == 3
        live = [await harness.send("blocking") for _ in range(8)]
        await harness.until(lambda: waiting("live") == 5, "the live lane waits")
        assert handlers.now == 6
        handlers.released.set()
        await harness.all_finished(background + live)
    assert handlers.most == 6


async def test_a_full_read_ahead_stops_the_reading_and_loses_nothing(
    harness: ExecutorHarness, handlers: Handlers
) -> None:
    runs = await asyncio.gather(*(harness.send("blocking", partition=5) for _ in range(3 * MAX_WAITING)))
    async with harness.executor(handlers.handlers, executor_concurrency=2):
        await harness.until(lambda: waiting("live") > MAX_WAITING / 2, "many are read ahead")
        other = await harness.send("default", partition=6)
        await harness.all_finished([other])  # other partitions are read on meanwhile
        assert waiting("live") <= MAX_WAITING
        handlers.released.set()
        await harness.all_finished(runs)
    assert set(harness.ends().values()) == {1}
