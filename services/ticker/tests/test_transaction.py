"""A commit that comes late, or whose answer is lost: the outcome is unknown, and yet nothing is torn or doubled."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaProducer

from tasker_devstack.fates import Row, judge, lives, rows, second
from tasker_devstack.kafka import Broker
from tasker_devstack.proxy import Plot, Proxy
from tasker_devstack.waiting import eventually
from tasker_ticker.testing.ticker_harness import RunningTicker, TickerHarness

TASKS = [f"steady-{n:02d}" for n in range(20)]
FENCED = 47  # INVALID_PRODUCER_EPOCH in Kafka's protocol


class Steady:
    """Tasks that are due every second, with a ticker behind the proxy."""

    def __init__(self, harness: TickerHarness, ticker: RunningTicker, proxy: Proxy) -> None:
        self._trial, self._ticking, self._proxy = harness, ticker, proxy

    async def struck(self, *, lose_answers: bool) -> Plot:
        """Disturb the next commit; returns when that has happened."""
        plot = Plot(f"{self._trial.prefix}-ticker-0", lose_answers)
        self._proxy.plots.append(plot)
        async with asyncio.timeout(5):
            await plot.struck.wait()
        return plot

    async def runs(self) -> list[Row]:
        return await rows(self._trial.bootstrap, self._trial.prefix, "due-tasks")

    async def runs_for(self, seconds: int) -> None:
        """Wait until so many more seconds have been emitted."""
        wanted = len(await self.runs()) + seconds * len(TASKS)

        async def enough() -> bool:
            return len(await self.runs()) >= wanted

        await eventually(enough, f"{seconds} more seconds of runs", 30)

    def discarded(self) -> list[str]:
        return [fields["reason"] for fields in self._ticking.log.fields_of("owner discarded")]

    async def end(self) -> list[Row]:
        """Delete the tasks; returns all that was ever committed."""
        await self._trial.delete(TASKS)

        async def judged() -> list[Row] | None:
            found = await rows(self._trial.bootstrap, self._trial.prefix)
            return found if len(lives(found)) == len(TASKS) else None

        return await eventually(judged, "the deletes")

    async def assert_whole(self) -> None:
        """Each second once and in time; the watermarks are one chain, and none is behind its runs."""
        found = await self.end()
        result = judge(found, lives(found))
        assert result.wrong == []
        assert result.missed == 0
        marks = await rows(self._trial.bootstrap, self._trial.prefix, "watermarks")
        turns = [mark.value["turn"] for mark in marks]
        assert turns == list(range(turns[0], turns[0] + len(turns)))
        times = [second(mark.value["time"]) for mark in marks]
        assert times == sorted(times)
        assert times[-1] >= max(second(r.value["nominal_at"]) for r in found if r.value["type"] == "run")


@asynccontextmanager
async def steady(harness: TickerHarness, proxy: Proxy) -> AsyncGenerator[Steady]:
    """The tasks, running, for one disturbance; judged at the end."""
    async with harness.running_ticker(proxy.bootstrap) as ticker:
        await harness.put(TASKS)
        tasks = Steady(harness, ticker, proxy)
        await tasks.runs_for(1)
        yield tasks
        assert len(tasks.discarded()) == 1
        assert "no answer within 4 s" in tasks.discarded()[0]
        await tasks.assert_whole()


async def held_back(harness: TickerHarness, proxy: Proxy) -> None:
    """The next owner has begun when the commit comes: it is refused."""
    async with steady(harness, proxy) as tasks:
        plot = await tasks.struck(lose_answers=False)
        await tasks.runs_for(1)
        assert len(tasks.discarded()) == 1
        before = await tasks.runs()
        assert await proxy.deliver(plot.hit[0]) == FENCED
        assert (await tasks.runs())[: len(before)] == before
        await tasks.runs_for(2)


async def answer_lost(harness: TickerHarness, proxy: Proxy) -> None:
    """The commit takes place, and its owner does not know."""
    async with steady(harness, proxy) as tasks:
        before = len(await tasks.runs())
        await tasks.struck(lose_answers=True)

        async def took_place() -> bool:
            return len(await tasks.runs()) > before and not tasks.discarded()

        await eventually(took_place, "the commit, before its owner is discarded", 3)
        await tasks.runs_for(2)


async def test_a_batch_of_unknown_outcome_is_neither_torn_nor_repeated(
    proxied: tuple[Broker, Proxy], single: TickerHarness, another: TickerHarness
) -> None:
    _, proxy = proxied
    await asyncio.gather(held_back(single, proxy), answer_lost(another, proxy))  # together, as both wait for deadlines


async def test_without_a_new_producer_a_late_commit_would_end_the_next_transaction(
    proxied: tuple[Broker, Proxy], single: TickerHarness
) -> None:
    """What all this is for: Kafka takes a late EndTxn for that of whatever transaction is open (before KIP-890)."""
    _, proxy = proxied
    plot, topic = Plot("careless", lose_answers=False), f"{single.prefix}.due-tasks"
    producer: Any = AIOKafkaProducer(
        bootstrap_servers=proxy.bootstrap, transactional_id="careless", request_timeout_ms=500, retry_backoff_ms=20
    )
    await producer.start()
    try:
        proxy.plots.append(plot)
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b'{"of": 1}', partition=0)
        committing = asyncio.create_task(producer.commit_transaction())
        async with asyncio.timeout(5):
            await plot.struck.wait()
            proxy.plots.remove(plot)
            await committing  # sent anew after its time-out
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b'{"of": 2}', partition=0)
        assert await proxy.deliver(plot.hit[0]) == 0

        async def visible() -> bool:
            found = await rows(single.bootstrap, single.prefix, "due-tasks")
            return [row.value["of"] for row in found] == [1, 2]

        await eventually(visible, "the record of a transaction that nobody committed")
    finally:
        await producer.stop()
