"""Who runs what when executors come, go and die, and when Kafka does: nothing is lost, little is repeated."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest_asyncio
from aiohttp import web

from tasker_core.messages.runs import Policy, RetryPolicy, Run, RunStarted
from tasker_core.topics import PARTITIONS
from tasker_devstack.backends.embedded_kafka import EmbeddedKafka
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.handlers.local_handlers import LocalHandlers
from tasker_executor.testing.executor_harness import ExecutorHarness, ended
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.topic_setup import create_topics

SLOTS = 20


@dataclass
class Target:
    """A server whose answers wait until `released` (on /half: after 250 calls); counts the calls of each run."""

    released: asyncio.Event = field(default_factory=asyncio.Event)
    calls: Counter[str] = field(default_factory=Counter[str])
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.calls[request.headers["Idempotency-Key"]] += 1
        if request.path == "/wait" or (request.path == "/half" and self.calls.total() > 250):
            await self.released.wait()
        return web.Response(text="done")


@pytest_asyncio.fixture(loop_scope="session")
async def target() -> AsyncIterator[Target]:
    found = Target()
    app = web.Application()
    app.router.add_get("/{path:.*}", found.answer)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


async def test_after_kill_9_every_run_ends_and_what_was_committed_is_not_repeated(
    harness: ExecutorHarness, target: Target
) -> None:
    async with harness.process() as first:
        hanging = [await harness.send("curl", f"{target.url}/wait", partition=p) for p in range(PARTITIONS)]
        behind = [await harness.send("curl", target.url, partition=n % PARTITIONS) for n in range(60)]
        behind += [await harness.send("default", partition=n % PARTITIONS) for n in range(60)]
        await harness.all_finished(behind)
        await harness.until(lambda: len(target.calls) == 12 + 60, "the hanging ones execute")
        announced = {one.run_id for one in harness.results if isinstance(one, RunStarted)}
        # another round of the commit loop (0.2 s) has passed once the hanging ones are announced (1 s)
        await harness.until(
            lambda: (
                announced.update(one.run_id for one in harness.results if isinstance(one, RunStarted))
                or announced >= {run.run_id for run in hanging}
            ),
            "the hanging ones are announced",
        )
        sends = (harness.send("default", partition=n % PARTITIONS) for n in range(6_000))
        middle = await asyncio.gather(*sends)
        await harness.until(lambda: len(harness.ends()) > 1_000, "it is in the middle of a burst")
        first.send_signal(signal.SIGKILL)
        await ended(first)
    target.released.set()
    async with harness.process():
        await harness.all_finished(hanging + behind + middle)
    ends = harness.ends()
    assert {ends[run.run_id] for run in behind} == {1}
    assert {ends[run.run_id] for run in hanging} == {1}
    assert [target.calls[run.run_id] for run in hanging] == [2] * PARTITIONS
    assert [target.calls[run.run_id] for run in behind if run.handler == "curl"] == [1] * 60


async def test_kill_9_in_the_middle_of_500_runs_repeats_just_what_was_in_flight(
    harness: ExecutorHarness, target: Target
) -> None:
    def announced() -> set[str]:
        return {one.run_id for one in harness.results if isinstance(one, RunStarted)}

    async with harness.process(TASKER_EXECUTOR_CONCURRENCY=str(SLOTS)) as first:
        sends = (harness.send("curl", f"{target.url}/half", partition=n % PARTITIONS) for n in range(500))
        runs = await asyncio.gather(*sends)
        await harness.until(lambda: len(harness.ends()) == 250, "a half has ended")
        # announced after a second: by then the ends are committed (every 0.2 s)
        await harness.until(lambda: len(announced() - harness.ends().keys()) == SLOTS, "all slots are taken")
        in_flight = announced() - harness.ends().keys()
        first.send_signal(signal.SIGKILL)
        await ended(first)
    target.released.set()
    async with harness.process():
        await harness.all_finished(runs)
    assert {run_id for run_id, calls in target.calls.items() if calls > 1} == in_flight
    assert target.calls.total() == 500 + SLOTS
    assert harness.ends() == {run.run_id: 1 for run in runs}


async def test_a_graceful_stop_drains_and_commits(harness: ExecutorHarness, target: Target) -> None:
    async with harness.process(TASKER_EXECUTOR_CONCURRENCY="2") as first:
        runs = [await harness.send("curl", f"{target.url}/wait", partition=4) for _ in range(5)]
        await harness.until(lambda: len(target.calls) == 2, "two execute")
        first.terminate()
        await harness.until(lambda: len(harness.results) == 2, "a second later, the two are announced")
        assert first.returncode is None
        target.released.set()
        assert await ended(first) == 0
        assert len(target.calls) == 2
        await harness.until(lambda: harness.ends().keys() == target.calls.keys(), "the two have ended")
    async with harness.process():
        await harness.all_finished(runs)
    assert [target.calls[run.run_id] for run in runs] == [1] * 5
    assert set(harness.ends().values()) == {1}


async def test_a_stop_does_not_wait_for_what_hangs(harness: ExecutorHarness, target: Target) -> None:
    async with harness.process(TASKER_DRAIN_SECONDS="1") as first:
        run = await harness.send("curl", f"{target.url}/wait")
        await harness.until(lambda: target.calls, "it executes")
        first.terminate()
        assert await ended(first) == 0
    target.released.set()
    async with harness.process():
        await harness.all_finished([run])
    assert target.calls[run.run_id] == 2
    assert harness.ends()[run.run_id] == 1


async def test_a_stop_lets_runs_go_on_for_the_whole_drain_time(harness: ExecutorHarness) -> None:
    loop, started, ended_at = asyncio.get_running_loop(), asyncio.Event(), list[float]()

    async def endless(_: Run) -> object:
        started.set()
        try:
            await loop.create_future()
        finally:
            ended_at.append(loop.time())

    async with harness.executor(LocalHandlers(slow={"endless": endless}), drain_seconds=1):
        await harness.send("endless")
        await harness.until(started.is_set, "it executes")
        stopped_at = loop.time()
    (gone_on_until,) = ended_at
    assert gone_on_until - stopped_at >= 1


class Worker:
    """Records which runs it has started; they end when `released`."""

    def __init__(self) -> None:
        self.released = asyncio.Event()
        self.started: list[str] = []
        self.cancelled: list[str] = []
        self.handlers = LocalHandlers(
            quick={"default": lambda _: None}, slow={"blocking": self.blocking, "fails": self.fails}
        )

    async def fails(self, run: Run) -> object:
        await self.blocking(run)
        raise AttemptFailed("no_luck", "it was not to be")

    async def blocking(self, run: Run) -> object:
        self.started.append(run.run_id)
        try:
            await self.released.wait()
        except asyncio.CancelledError:
            self.cancelled.append(run.run_id)
            raise
        return None


async def test_in_a_rebalance_what_stays_goes_on_and_what_goes_is_started_by_the_next_owner(
    harness: ExecutorHarness,
) -> None:
    first, second = Worker(), Worker()
    async with harness.executor(first.handlers):
        runs = [await harness.send("blocking", partition=p) for p in range(PARTITIONS)]
        names = {run.run_id for run in runs}
        behind = [await harness.send("default", partition=p) for p in range(PARTITIONS)]
        await harness.all_finished(behind)
        await harness.until(lambda: len(first.started) == PARTITIONS, "all execute")
        async with harness.executor(second.handlers):
            await harness.until(lambda: len(second.started) == PARTITIONS / 2, "the second one has its half")
            await harness.until(lambda: len(first.cancelled) == PARTITIONS / 2, "the first one has left it")
            more = [await harness.send("default", partition=p) for p in range(PARTITIONS)]
            await harness.all_finished(more)
            assert sorted(first.started) == sorted(names)
            assert set(second.started) == set(first.cancelled)
            second.released.set()
            await harness.until(lambda: set(second.started) <= harness.ends().keys(), "the moved ones have ended")
        # the second one has left: all is the first one's again, and what it kept is still going on
        last = [await harness.send("default", partition=p) for p in range(PARTITIONS)]
        await harness.all_finished(last)
        assert len(first.started) == PARTITIONS
        first.released.set()
        await harness.all_finished(runs)
    assert set(harness.ends().values()) == {1}
    assert not harness.dead_letters


async def test_while_kafka_is_away_runs_go_on_and_their_results_come_when_it_is_back(
    kafka_broker: EmbeddedKafka,
) -> None:
    await create_topics(KafkaConnection(kafka_broker.bootstrap), "away")
    worker = Worker()
    async with (
        ExecutorHarness(kafka_broker.bootstrap, "away").open() as harness,
        harness.executor(worker.handlers) as health,
    ):
        runs = [await harness.send("blocking", partition=p) for p in range(PARTITIONS)]
        again = Policy(retry=RetryPolicy(max_attempts=2))
        failing = [await harness.send("fails", policy=policy) for policy in (Policy(), again)]
        await harness.until(lambda: len(worker.started) == PARTITIONS + 2, "all execute")
        await kafka_broker.kill()
        worker.released.set()
        # the producer gives up after 10 s: its results must come by another one
        await harness.until(lambda: health.report()[2]["results"].startswith("can't write"), "health is red")
        assert not health.report()[1]
        await kafka_broker.start()
        await harness.all_finished(runs)
        runs.append(await harness.send("default"))
        await harness.all_finished(runs)
        await harness.until(lambda: health.report()[1], "health is green")
        assert health.report()[0]
        await harness.all_finished(failing)
        await harness.until(lambda: harness.events and harness.dead_letters, "the next attempt and the dead letter")
    assert len(worker.started) == PARTITIONS + 2
    assert set(harness.ends()) == {run.run_id for run in runs + failing}
    assert [harness.finished()[run.run_id].retry_at is None for run in failing] == [True, False]
