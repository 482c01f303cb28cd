"""The bare floor of emission, in the same run: transactional ticks to a committed reader, without any scheduling.

Both ways: sent at the second, or sent a little earlier and committed at the second (see docs/architecture.md).
"""

import asyncio
from typing import Any

from bench.measurement.due_observer import observe_due
from bench.measurement.due_runs import due_run
from tasker_core.messages.base import encode
from tasker_core.time.instant import rfc3339
from tasker_core.topics import PARTITIONS, Topics
from tasker_runtime.clock import SystemClock
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_ticker.kafka.transaction import ticker_producer
from tasker_ticker.lead_time import BASE_MS, US_PER_RUN

CLOCK = SystemClock()


async def transactional_ticks(kafka: str, prefix: str, rate: int, seconds: int, *, prepared: bool) -> list[float]:
    """Milliseconds from each second to the arrival of its records, `rate` of them a second over all partitions."""
    topic, make = Topics(prefix)["due-tasks"], ticker_producer(KafkaConnection(kafka))
    shares = [rate // PARTITIONS + (p < rate % PARTITIONS) for p in range(PARTITIONS)]
    producers: dict[int, Any] = {p: make(f"{prefix}-floor-{prepared}-{p}") for p, n in enumerate(shares) if n}
    await asyncio.gather(*(producer.start() for producer in producers.values()))
    lead = min(900, BASE_MS + rate * US_PER_RUN // 1000) if prepared else 0
    async with observe_due(kafka, prefix) as observer:
        first = CLOCK.now_ms() // 1000 + 2
        for second in range(first, first + seconds):
            await _until(second * 1000 - lead)
            await asyncio.gather(*(_tick(p, producers[p], topic, shares[p], second) for p in producers))
        await asyncio.sleep(1)
        found = observer.lateness(first * 1000, (first + seconds) * 1000)
    await asyncio.gather(*(producer.stop() for producer in producers.values()))
    if len(found) != rate * seconds:
        raise ValueError(f"the floor lost records: {len(found)} of {rate * seconds}")
    return found


async def _tick(partition: int, producer: Any, topic: str, count: int, second: int) -> None:
    at = rfc3339(second * 1000)
    await producer.begin_transaction()
    batch, sends = producer.create_batch(), list[Any]()
    for n in range(count):
        name = f"floor-{partition}-{n}"
        run = due_run(f"{name}-{second}", name, at)
        if batch.append(key=name.encode(), value=encode(run), timestamp=None) is None:
            sends.append(await producer.send_batch(batch, topic, partition=partition))
            batch = producer.create_batch()
            batch.append(key=name.encode(), value=encode(run), timestamp=None)
    sends.append(await producer.send_batch(batch, topic, partition=partition))
    await asyncio.gather(*sends)
    await _until(second * 1000)
    await producer.commit_transaction()


async def _until(ms: int) -> None:
    await asyncio.sleep(max(0, ms - CLOCK.now_ms()) / 1000)
