"""The part of AIOKafkaProducer that the ticker uses, on the simulated broker, with its pitfalls (aiokafka 0.14).

A commit waits for the records and succeeds though one of them failed; once fenced, errors come in several shapes.
"""

import asyncio
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from aiokafka.errors import InvalidProducerEpoch, InvalidTxnState, KafkaError, ProducerFenced

from tests.simulation.cluster.broker import Content, PartitionLog, SimulatedBroker
from tests.simulation.cluster.network import Network

BATCH_RECORDS = 6


class SimulatedMetadata(NamedTuple):
    """The result of a send future."""

    timestamp: int


class SimulatedBatch:
    """Records for one partition, as many as fit."""

    def __init__(self) -> None:
        self.contents: list[Content] = []

    def append(self, *, key: bytes | None, value: bytes | None, timestamp: int | None) -> object | None:
        """Add a record; None when it does not fit."""
        del timestamp
        if len(self.contents) == BATCH_RECORDS:
            return None
        self.contents.append((key, value, ()))
        return self


class SimulatedTransactionalProducer:
    """A transactional producer of one process."""

    def __init__(self, process: str, producer: str, broker: SimulatedBroker, network: Network, chance: Random) -> None:
        self._process, self._id, self._broker, self._network = process, producer, broker, network
        self._chance, self._epoch, self._fenced = chance, 0, False
        self._sends: list[asyncio.Future[SimulatedMetadata]] = []
        self._last: dict[PartitionLog, asyncio.Future[SimulatedMetadata]] = {}

    async def start(self) -> None:
        """Initialise: earlier producers of the id are fenced."""
        self._epoch = await self._network.request(self._process, "init", lambda: self._broker.initialise(self._id))

    async def stop(self) -> None:
        """Disconnect. What is open stays open."""

    async def begin_transaction(self) -> None:
        """Begin; no request yet."""
        if self._fenced:
            raise ProducerFenced
        self._sends = []

    async def send(self, topic: str, value: bytes, *, key: bytes, partition: int) -> asyncio.Future[SimulatedMetadata]:
        """One record; the future of its acknowledgement."""
        return self._produce(topic, partition, [(key, value, ())])

    def create_batch(self) -> SimulatedBatch:
        """An empty batch."""
        return SimulatedBatch()

    async def send_batch(
        self, batch: SimulatedBatch, topic: str, *, partition: int
    ) -> asyncio.Future[SimulatedMetadata]:
        """A batch; the future of its acknowledgement."""
        return self._produce(topic, partition, batch.contents)

    async def commit_transaction(self) -> None:
        """Commit, whatever became of the records."""
        await self._end(commit=True)

    async def abort_transaction(self) -> None:
        """Abort. The ticker never does; it is here for a mutation that uses a producer again."""
        await self._end(commit=False)

    async def _end(self, *, commit: bool) -> None:
        if self._sends:
            await asyncio.wait(self._sends)
        if self._fenced:
            raise self._chance.choice((ProducerFenced(), AssertionError("fenced"), KafkaError(InvalidTxnState())))
        work = self._broker.end
        try:
            await self._network.request(self._process, "end", lambda: work(self._id, self._epoch, commit))
        except InvalidProducerEpoch:
            self._fenced = True
            raise ProducerFenced from None

    def _produce(self, topic: str, partition: int, contents: Sequence[Content]) -> asyncio.Future[SimulatedMetadata]:
        broker, log = self._broker, self._broker.log(topic, partition)

        def produce() -> SimulatedMetadata:
            return SimulatedMetadata(broker.produce(self._id, self._epoch, self._process, log, contents))

        # One batch per partition is under way at a time.
        sent = self._network.request(self._process, "produce", produce, after=self._last.get(log))
        self._last[log] = sent
        sent.add_done_callback(self._sent)
        self._sends.append(sent)
        return sent

    def _sent(self, sent: asyncio.Future[SimulatedMetadata]) -> None:
        if not sent.cancelled() and isinstance(sent.exception(), ProducerFenced):
            self._fenced = True
