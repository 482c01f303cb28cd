"""Who runs what when executors come, go and die, and when Kafka does: nothing is lost, little is repeated."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest_asyncio
from aiohttp import web

from tasker_core.messages import Policy, RetryPolicy, Run, RunStarted
from tasker_core.topics import PARTITIONS
from tasker_devstack.backends.embedded_kafka import EmbeddedKafka
from tasker_executor.failure import Failed
from tasker_executor.handlers.registry import Registry
from tasker_executor.testing import Trial, ended
from tasker_runtime.topics import create_topics

SLOTS = 20


@dataclass
class Target:
    """A server whose answers wait until `opened` (on /half: after 250 calls); counts the calls of each run."""

    opened: asyncio.Event = field(default_factory=asyncio.Event)
    calls: Counter[str] = field(default_factory=Counter[str])
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.calls[request.headers["Idempotency-Key"]] += 1
        if request.path == "/wait" or (request.path == "/half" and self.calls.total() > 250):
            await self.opened.wait()
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


async def test_after_kill_9_every_run_ends_and_what_was_committed_is_not_repeated(trial: Trial, target: Target) -> None:
    async with trial.process() as first:
        hanging = [await trial.send("curl", f"{target.url}/wait", partition=p) for p in range(PARTITIONS)]
        behind = [await trial.send("curl", target.url, partition=n % PARTITIONS) for n in range(60)]
        behind += [await trial.send("default", partition=n % PARTITIONS) for n in range(60)]
        await trial.all_finished(behind)
        await trial.until(lambda: len(target.calls) == 12 + 60, "the hanging ones are under way")
        announced = {one.run_id for one in trial.results if isinstance(one, RunStarted)}
        # another round of the commit loop (0.2 s) has passed once the hanging ones are announced (1 s)
        await trial.until(
            lambda: (
                announced.update(one.run_id for one in trial.results if isinstance(one, RunStarted))
                or announced >= {run.run_id for run in hanging}
            ),
            "the hanging ones are announced",
        )
        sends = (trial.send("default", partition=n % PARTITIONS) for n in range(6_000))
        middle = await asyncio.gather(*sends)
        await trial.until(lambda: len(trial.ends()) > 1_000, "it is in the middle of a burst")
        first.send_signal(signal.SIGKILL)
        await ended(first)
    target.opened.set()
    async with trial.process():
        await trial.all_finished(hanging + behind + middle)
    ends = trial.ends()
    assert {ends[run.run_id] for run in behind} == {1}
    assert {ends[run.run_id] for run in hanging} == {1}
    assert [target.calls[run.run_id] for run in hanging] == [2] * PARTITIONS
    assert [target.calls[run.run_id] for run in behind if run.handler == "curl"] == [1] * 60


async def test_kill_9_in_the_middle_of_500_runs_repeats_just_what_was_in_flight(trial: Trial, target: Target) -> None:
    def announced() -> set[str]:
        return {one.run_id for one in trial.results if isinstance(one, RunStarted)}

    async with trial.process(TASKER_EXECUTOR_CONCURRENCY=str(SLOTS)) as first:
        sends = (trial.send("curl", f"{target.url}/half", partition=n % PARTITIONS) for n in range(500))
        runs = await asyncio.gather(*sends)
        await trial.until(lambda: len(trial.ends()) == 250, "a half has ended")
        # announced after a second: by then the ends are committed (every 0.2 s)
        await trial.until(lambda: len(announced() - trial.ends().keys()) == SLOTS, "all slots are taken")
        in_flight = announced() - trial.ends().keys()
        first.send_signal(signal.SIGKILL)
        await ended(first)
    target.opened.set()
    async with trial.process():
        await trial.all_finished(runs)
    assert {run_id for run_id, calls in target.calls.items() if calls > 1} == in_flight
    assert target.calls.total() == 500 + SLOTS
    assert trial.ends() == {run.run_id: 1 for run in runs}


async def test_a_graceful_stop_drains_and_commits(trial: Trial, target: Target) -> None:
    async with trial.process(TASKER_EXECUTOR_CONCURRENCY="2") as first:
        runs = [await trial.send("curl", f"{target.url}/wait", partition=4) for _ in range(5)]
        await trial.until(lambda: len(target.calls) == 2, "two are under way")
        first.terminate()
        await trial.until(lambda: len(trial.results) == 2, "a second later, the two are announced")
        assert first.returncode is None
        target.opened.set()
        assert await ended(first) == 0
        assert len(target.calls) == 2
        await trial.until(lambda: trial.ends().keys() == target.calls.keys(), "the two have ended")
    async with trial.process():
        await trial.all_finished(runs)
    assert [target.calls[run.run_id] for run in runs] == [1] * 5
    assert set(trial.ends().values()) == {1}


async def test_a_stop_does_not_wait_for_what_hangs(trial: Trial, target: Target) -> None:
    async with trial.process(TASKER_DRAIN_SECONDS="1") as first:
        run = await trial.send("curl", f"{target.url}/wait")
        await trial.until(lambda: target.calls, "it is under way")
        first.terminate()
        assert await ended(first) == 0
    target.opened.set()
    async with trial.process():
        await trial.all_finished([run])
    assert target.calls[run.run_id] == 2
    assert trial.ends()[run.run_id] == 1


class Worker:
    """Notes which runs it has begun; they end when `opened`."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.begun: list[str] = []
        self.stopped: list[str] = []
        self.registry = Registry(quick={"default": lambda _: None}, slow={"gate": self.gate, "fails": self.fails})

    async def fails(self, run: Run) -> object:
        await self.gate(run)
        raise Failed("no_luck", "it was not to be")

    async def gate(self, run: Run) -> object:
        self.begun.append(run.run_id)
        try:
            await self.opened.wait()
        except asyncio.CancelledError:
            self.stopped.append(run.run_id)
            raise
        return None


async def test_in_a_rebalance_what_stays_goes_on_and_what_goes_is_begun_by_the_next_owner(trial: Trial) -> None:
    first, second = Worker(), Worker()
    async with trial.executor(first.registry):
        runs = [await trial.send("gate", partition=p) for p in range(PARTITIONS)]
        names = {run.run_id for run in runs}
        behind = [await trial.send("default", partition=p) for p in range(PARTITIONS)]
        await trial.all_finished(behind)
        await trial.until(lambda: len(first.begun) == PARTITIONS, "all are under way")
        async with trial.executor(second.registry):
            await trial.until(lambda: len(second.begun) == PARTITIONS / 2, "the second one has its half")
            await trial.until(lambda: len(first.stopped) == PARTITIONS / 2, "the first one has left it")
            more = [await trial.send("default", partition=p) for p in range(PARTITIONS)]
            await trial.all_finished(more)
            assert sorted(first.begun) == sorted(names)
            assert set(second.begun) == set(first.stopped)
            second.opened.set()
            await trial.until(lambda: set(second.begun) <= trial.ends().keys(), "the moved ones have ended")
        # the second one has left: all is the first one's again, and what it kept is still going on
        last = [await trial.send("default", partition=p) for p in range(PARTITIONS)]
        await trial.all_finished(last)
        assert len(first.begun) == PARTITIONS
        first.opened.set()
        await trial.all_finished(runs)
    assert set(trial.ends().values()) == {1}
    assert not trial.dead_letters


async def test_while_kafka_is_away_runs_go_on_and_their_results_come_when_it_is_back(
    kafka_broker: EmbeddedKafka,
) -> None:
    await create_topics(kafka_broker.bootstrap, "away")
    worker = Worker()
    async with Trial(kafka_broker.bootstrap, "away").open() as trial, trial.executor(worker.registry) as health:
        runs = [await trial.send("gate", partition=p) for p in range(PARTITIONS)]
        again = Policy(retry=RetryPolicy(max_attempts=2))
        failing = [await trial.send("fails", policy=policy) for policy in (Policy(), again)]
        await trial.until(lambda: len(worker.begun) == PARTITIONS + 2, "all are under way")
        await kafka_broker.kill()
        worker.opened.set()
        # the producer gives up after 10 s: its results must come by another one
        await trial.until(lambda: health.report()[2]["results"].startswith("can't write"), "health is red")
        assert not health.report()[1]
        await kafka_broker.start()
        await trial.all_finished(runs)
        runs.append(await trial.send("default"))
        await trial.all_finished(runs)
        await trial.until(lambda: health.report()[1], "health is green")
        assert health.report()[0]
        await trial.all_finished(failing)
        await trial.until(lambda: trial.events and trial.dead_letters, "the next attempt and the dead letter")
    assert len(worker.begun) == PARTITIONS + 2
    assert set(trial.ends()) == {run.run_id for run in runs + failing}
    assert [trial.finished()[run.run_id].retry_at is None for run in failing] == [True, False]
