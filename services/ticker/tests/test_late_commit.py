"""A commit that comes late, or whose answer is lost: the outcome is in doubt, and yet nothing is torn or doubled."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaProducer

from tasker_devstack.backends.embedded_kafka import EmbeddedKafka
from tasker_devstack.backends.kafka_proxy import CommitFault, KafkaProxy
from tasker_devstack.occurrence_audit import AuditRecord, audit, epoch_second, lifetimes, read_records
from tasker_devstack.polling import eventually
from tasker_ticker.trial import Ticking, Trial

TASKS = [f"steady-{n:02d}" for n in range(20)]
FENCED = 47  # INVALID_PRODUCER_EPOCH in Kafka's protocol


class Steady:
    """Tasks that are due every second, with a ticker behind the proxy."""

    def __init__(self, trial: Trial, ticking: Ticking, proxy: KafkaProxy) -> None:
        self._trial, self._ticking, self._proxy = trial, ticking, proxy

    async def struck(self, *, drop_responses: bool) -> CommitFault:
        """Disturb the next commit; returns when that has happened."""
        fault = CommitFault(f"{self._trial.prefix}-ticker-0", drop_responses)
        self._proxy.faults.append(fault)
        async with asyncio.timeout(5):
            await fault.triggered.wait()
        return fault

    async def runs(self) -> list[AuditRecord]:
        return await read_records(self._trial.bootstrap, self._trial.prefix, "due-tasks")

    async def runs_for(self, seconds: int) -> None:
        """Wait until so many more seconds have been emitted."""
        wanted = len(await self.runs()) + seconds * len(TASKS)

        async def enough() -> bool:
            return len(await self.runs()) >= wanted

        await eventually(enough, f"{seconds} more seconds of runs", 30)

    def doubts(self) -> list[str]:
        return [fields["reason"] for fields in self._ticking.log.told("owner thrown away")]

    async def end(self) -> list[AuditRecord]:
        """Delete the tasks; returns all that was ever committed."""
        await self._trial.delete(TASKS)

        async def judged() -> list[AuditRecord] | None:
            found = await read_records(self._trial.bootstrap, self._trial.prefix)
            return found if len(lifetimes(found)) == len(TASKS) else None

        return await eventually(judged, "the deletes")

    async def assert_whole(self) -> None:
        """Each second once and in time; the watermarks are one chain of turns, and none is behind its runs."""
        found = await self.end()
        fates = audit(found, lifetimes(found))
        assert fates.violations == []
        assert fates.missed == 0
        marks = await read_records(self._trial.bootstrap, self._trial.prefix, "watermarks")
        turns = [mark.value["turn"] for mark in marks]
        assert turns == list(range(turns[0], turns[0] + len(turns)))
        times = [epoch_second(mark.value["time"]) for mark in marks]
        assert times == sorted(times)
        assert times[-1] >= max(epoch_second(r.value["nominal_at"]) for r in found if r.value["type"] == "run")


@asynccontextmanager
async def steady(trial: Trial, proxy: KafkaProxy) -> AsyncGenerator[Steady]:
    """The tasks, running, for one disturbance; judged at the end."""
    async with trial.ticking(proxy.bootstrap) as ticking:
        await trial.put(TASKS)
        tasks = Steady(trial, ticking, proxy)
        await tasks.runs_for(1)
        yield tasks
        assert len(tasks.doubts()) == 1
        assert "no answer within 4 s" in tasks.doubts()[0]
        await tasks.assert_whole()


async def held_back(trial: Trial, proxy: KafkaProxy) -> None:
    """The next owner has begun when the commit comes: it is refused."""
    async with steady(trial, proxy) as tasks:
        fault = await tasks.struck(drop_responses=False)
        await tasks.runs_for(1)
        assert len(tasks.doubts()) == 1
        before = await tasks.runs()
        assert await proxy.deliver(fault.requests[0]) == FENCED
        assert (await tasks.runs())[: len(before)] == before
        await tasks.runs_for(2)


async def answer_lost(trial: Trial, proxy: KafkaProxy) -> None:
    """The commit takes place, and its owner does not know."""
    async with steady(trial, proxy) as tasks:
        before = len(await tasks.runs())
        await tasks.struck(drop_responses=True)

        async def took_place() -> bool:
            return len(await tasks.runs()) > before and not tasks.doubts()

        await eventually(took_place, "the commit, before its owner is in doubt", 3)
        await tasks.runs_for(2)


async def test_what_is_in_doubt_is_neither_torn_nor_repeated(
    proxied: tuple[EmbeddedKafka, KafkaProxy], single: Trial, another: Trial
) -> None:
    _, proxy = proxied
    await asyncio.gather(held_back(single, proxy), answer_lost(another, proxy))  # together, as both wait for deadlines


async def test_without_a_new_producer_a_late_commit_would_end_the_next_transaction(
    proxied: tuple[EmbeddedKafka, KafkaProxy], single: Trial
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
