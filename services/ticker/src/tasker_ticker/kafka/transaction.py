"""The fenced producer of one partition: a turn is written whole or not at all, within a deadline.

aiokafka 0.14: a commit succeeds though one of its records failed, so every send is awaited first; a late EndTxn could
end the *next* transaction of the same epoch, so after any doubt the producer is thrown away with its owner.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer

from tasker_core.errors import TaskerError
from tasker_core.topics import Topics
from tasker_runtime.clock import Clock
from tasker_runtime.kafka.client import KafkaError, bounded, stop_bounded
from tasker_ticker.scheduling.batch import Pair, Turn

TRANSACTION_MS = 5_000
DEADLINE_SECONDS = 4.0
FENCE_SECONDS = 15.0
BATCH_BYTES = 1024 * 1024
MAX_AHEAD_MS = MAX_BEHIND_MS = 2_000


class Doubt(TaskerError):
    """It is not known whether a turn was committed, or it was not: the owner must start again from what is written."""


class ClockAhead(Doubt):
    """This machine's clock is ahead of the broker's: nothing may be emitted before its time."""


def connected(bootstrap: str) -> Callable[[str], Any]:
    """Makes the producers: transactional id → an aiokafka producer, not started yet."""

    def make(transactional_id: str) -> Any:
        return AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            transactional_id=transactional_id,
            transaction_timeout_ms=TRANSACTION_MS,
            acks="all",
            max_batch_size=BATCH_BYTES,
            max_request_size=2 * BATCH_BYTES,
            request_timeout_ms=int(DEADLINE_SECONDS * 1000),
            retry_backoff_ms=20,
            linger_ms=0,
        )

    return make


class Transactions:
    """Opening it fences whoever wrote this partition before, and aborts what they left open.

    `behind_ms` is how far this machine's clock was behind the broker's at least, at the last turn.
    """

    def __init__(self, producer: Callable[[str], Any], topics: Topics, partition: int, clock: Clock) -> None:
        self._topics, self._partition, self._clock = topics, partition, clock
        self._producer = producer(f"{topics.prefix}-ticker-{partition}")
        self.behind_ms = 0

    async def fence(self) -> None:
        """Connect and take over. Raises KafkaError or KafkaTimeout."""
        await bounded(self._producer.start(), FENCE_SECONDS, f"fencing partition {self._partition}")

    async def prepare(self, turn: Turn) -> None:
        """Send a turn, invisible until `commit`. Raises Doubt for anything but a certain success."""
        await self._surely(self._send_all(turn))

    async def commit(self) -> None:
        """Make what was prepared visible. Raises Doubt for anything but a certain success."""
        await self._surely(self._producer.commit_transaction())

    async def stop(self) -> None:
        """Disconnect, within a bound."""
        await stop_bounded(self._producer.stop(), "a transactional producer")

    async def _surely(self, work: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await work
        except Doubt:
            raise
        except TimeoutError as error:
            raise Doubt(f"no answer within {DEADLINE_SECONDS:g} s") from error
        # The shapes of a failure are many (KafkaError, AssertionError, time-out): all are doubt.
        except Exception as error:
            raise Doubt(f"{type(error).__name__}: {error}") from error

    async def _send_all(self, turn: Turn) -> None:
        before = self._clock.now_ms()
        await self._producer.begin_transaction()
        key = str(self._partition).encode()
        mark = await self._producer.send(self._topics["watermarks"], turn.watermark, key=key, partition=self._partition)
        sends = [mark]
        for stream, pairs in turn.records.items():
            sends += await self._send(self._topics[stream], pairs)
        await asyncio.gather(*sends)
        appended = mark.result().timestamp  # between `before` and now, if both clocks are right
        self.behind_ms = max(0, appended - self._clock.now_ms())
        ahead = before - appended
        if ahead > MAX_AHEAD_MS:
            raise ClockAhead(f"this clock is {ahead} ms ahead of the broker's: set it right")

    async def _send(self, topic: str, pairs: Sequence[Pair]) -> list[Any]:
        """Send records in as few batches as hold them; returns the futures."""
        sends: list[Any] = []
        batch = self._producer.create_batch()
        for key, value in pairs:
            if batch.append(key=key, value=value, timestamp=None) is None:
                sends.append(await self._producer.send_batch(batch, topic, partition=self._partition))
                batch = self._producer.create_batch()
                if batch.append(key=key, value=value, timestamp=None) is None:
                    raise KafkaError(f"a record of {len(value or b'')} bytes fits no batch of {topic}")
        sends.append(await self._producer.send_batch(batch, topic, partition=self._partition))
        return sends
