"""A commit that comes late, or whose answer is lost: the outcome is unknown, and yet nothing is torn or doubled."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaProducer

from tasker_devstack.backends.embedded_kafka import EmbeddedKafka
from tasker_devstack.backends.kafka_proxy import CommitFault, KafkaProxy
from tasker_devstack.occurrence_audit import AuditRecord, audit, epoch_second, lifetimes, read_records
from tasker_devstack.polling import eventually
from tasker_ticker.testing.ticker_harness import RunningTicker, TickerHarness

TASKS = [f"steady-{n:02d}" for n in range(20)]
FENCED = 47  # INVALID_PRODUCER_EPOCH in Kafka's protocol


class Steady:
    """Tasks that are due every second, with a ticker behind the proxy."""

    def __init__(self, harness: TickerHarness, ticker: RunningTicker, proxy: KafkaProxy) -> None:
        self._harness, self._ticker, self._proxy = harness, ticker, proxy

    async def inject_commit_fault(self, *, drop_responses: bool) -> CommitFault:
        """Disturb the next commit; returns when that has happened."""
        fault = CommitFault(f"{self._harness.prefix}-ticker-0", drop_responses)
        self._proxy.faults.append(fault)
        async with asyncio.timeout(5):
            await fault.triggered.wait()
        return fault

    async def runs(self) -> list[AuditRecord]:
        return await read_records(self._harness.bootstrap, self._harness.prefix, "due-tasks")

    async def runs_for(self, seconds: int) -> None:
        """Wait until so many more seconds have been emitted."""
        wanted = len(await self.runs()) + seconds * len(TASKS)

        async def enough() -> bool:
            return len(await self.runs()) >= wanted

        await eventually(enough, f"{seconds} more seconds of runs", 30)

    def discarded(self) -> list[str]:
        return [fields["reason"] for fields in self._ticker.log.fields_of("owner discarded")]

    async def end(self) -> list[AuditRecord]:
        """Delete the tasks; returns all that was ever committed."""
        await self._harness.delete(TASKS)

        async def audited() -> list[AuditRecord] | None:
            found = await read_records(self._harness.bootstrap, self._harness.prefix)
            return found if len(lifetimes(found)) == len(TASKS) else None

        return await eventually(audited, "the deletes")

    async def assert_whole(self) -> None:
        """Each second once and in time; the watermarks are one chain, and none is behind its runs."""
        found = await self.end()
        result = audit(found, lifetimes(found))
        assert result.violations == []
        assert result.missed == 0
        marks = await read_records(self._harness.bootstrap, self._harness.prefix, "watermarks")
        turns = [mark.value["turn"] for mark in marks]
        assert turns == list(range(turns[0], turns[0] + len(turns)))
        times = [epoch_second(mark.value["time"]) for mark in marks]
        assert times == sorted(times)
        assert times[-1] >= max(epoch_second(r.value["nominal_at"]) for r in found if r.value["type"] == "run")


@asynccontextmanager
async def steady(harness: TickerHarness, proxy: KafkaProxy) -> AsyncGenerator[Steady]:
    """The tasks, running, for one disturbance; audited at the end."""
    async with harness.running_ticker(proxy.bootstrap) as ticker:
        await harness.put(TASKS)
        tasks = Steady(harness, ticker, proxy)
        await tasks.runs_for(1)
        yield tasks
        assert len(tasks.discarded()) == 1
        assert "no answer within 4 s" in tasks.discarded()[0]
        await tasks.assert_whole()


async def held_back(harness: TickerHarness, proxy: KafkaProxy) -> None:
    """The next owner has begun when the commit comes: it is refused."""
    async with steady(harness, proxy) as tasks:
        fault = await tasks.inject_commit_fault(drop_responses=False)
        await tasks.runs_for(1)
        assert len(tasks.discarded()) == 1
        before = await tasks.runs()
        assert await proxy.deliver(fault.requests[0]) == FENCED
        assert (await tasks.runs())[: len(before)] == before
        await tasks.runs_for(2)


async def answer_lost(harness: TickerHarness, proxy: KafkaProxy) -> None:
    """The commit takes place, and its owner does not know."""
    async with steady(harness, proxy) as tasks:
        before = len(await tasks.runs())
        await tasks.inject_commit_fault(drop_responses=True)

        async def took_place() -> bool:
            return len(await tasks.runs()) > before and not tasks.discarded()

        await eventually(took_place, "the commit, before its owner is discarded", 3)
        await tasks.runs_for(2)


async def test_a_batch_of_unknown_outcome_is_neither_torn_nor_repeated(
    proxied: tuple[EmbeddedKafka, KafkaProxy], single: TickerHarness, another: TickerHarness
) -> None:
    _, proxy = proxied
    await asyncio.gather(held_back(single, proxy), answer_lost(another, proxy))  # together, as both wait for deadlines


async def test_without_a_new_producer_a_late_commit_would_end_the_next_transaction(
    proxied: tuple[EmbeddedKafka, KafkaProxy], single: TickerHarness
) -> None:
    """What all this is for: Kafka takes a late EndTxn for that of whatever transaction is open (before KIP-890)."""
    _, proxy = proxied
    fault, topic = CommitFault("careless", drop_responses=False), f"{single.prefix}.due-tasks"
    producer: Any = AIOKafkaProducer(
        bootstrap_servers=proxy.bootstrap, transactional_id="careless", request_timeout_ms=500, retry_backoff_ms=20
    )
    await producer.start()
    try:
        proxy.faults.append(fault)
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b'{"of": 1}', partition=0)
        committing = asyncio.create_task(producer.commit_transaction())
        async with asyncio.timeout(5):
            await fault.triggered.wait()
            proxy.faults.remove(fault)
            await committing  # sent anew after its time-out
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b'{"of": 2}', partition=0)
        assert await proxy.deliver(fault.requests[0]) == 0

        async def visible() -> bool:
            found = await read_records(single.bootstrap, single.prefix, "due-tasks")
            return [row.value["of"] for row in found] == [1, 2]

        await eventually(visible, "the record of a transaction that nobody committed")
    finally:
        await producer.stop()
