"""The simulated broker: append-only partitions, transactions with epochs and markers, read_committed, compaction.

It behaves as Kafka does where Tasker can see a difference: a transaction's records are invisible until its markers are
written and hold back all that comes after them; initialising a producer aborts and fences whoever was before; an EndTxn
ends whatever transaction of its epoch is open when it arrives, be it the one it was sent for or the next.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from aiokafka.errors import InvalidProducerEpoch, InvalidTxnState, KafkaError, ProducerFenced

from tests.simulation.virtual_loop import VirtualLoop

TRANSACTION_SECONDS = 5.0
Headers = Sequence[tuple[str, bytes]]
Content = tuple[bytes | None, bytes | None, Headers]
"""Key, value and headers."""


class ConcurrentTransactions(KafkaError):
    """The last transaction is still being ended: the client retries."""


@dataclass(slots=True, eq=False)
class BrokerTransaction:
    """One transaction. `ended_ms` is when its markers were written, `sequence` their place among all."""

    id: str
    epoch: int
    owner: str
    logs: dict["PartitionLog", None] = field(default_factory=dict["PartitionLog", None])
    state: Literal["open", "ending", "committed", "aborted"] = "open"
    ended_ms: int = 0
    sequence: int = 0


@dataclass(slots=True, eq=False)
class LogEntry:
    """One offset of a log: a record, or a marker."""

    offset: int
    ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    transaction: BrokerTransaction | None
    marker: bool = False
    compacted: bool = False

    @property
    def committed(self) -> bool:
        """Whether it is a record that counts, whether or not it has been compacted since."""
        return not self.marker and (self.transaction is None or self.transaction.state == "committed")


class PartitionLog:
    """One partition of a topic."""

    def __init__(self, topic: str, partition: int) -> None:
        self.topic, self.partition, self.start = topic, partition, 0
        self.entries: list[LogEntry] = []
        self.open: dict[BrokerTransaction, int] = {}
        self.waiting: list[asyncio.Future[None]] = []

    @property
    def stable(self) -> int:
        """The last stable offset: the end that read_committed shows."""
        return min(self.open.values()) if self.open else len(self.entries)

    def append(
        self, ms: int, content: Content, transaction: BrokerTransaction | None = None, *, marker: bool = False
    ) -> int:
        """Append one entry; its offset."""
        offset, (key, value, headers) = len(self.entries), content
        if transaction is not None and not marker and transaction not in self.open:
            self.open[transaction] = offset
        self.entries.append(LogEntry(offset, ms, key, value, headers, transaction, marker))
        if transaction is None:
            self.wake()
        return offset

    def wake(self) -> None:
        """Wake the readers that wait for something new."""
        for waiting in self.waiting:
            if not waiting.done():
                waiting.set_result(None)
        self.waiting.clear()

    def committed(self) -> Iterator[LogEntry]:
        """All records that were ever committed, in order, compacted ones included."""
        return (entry for entry in self.entries[: self.stable] if entry.committed)

    def compact(self, below: int) -> None:
        """Keep only the newest record of each key, without markers and aborted ones, below an offset."""
        below, seen = min(below, self.stable), set[bytes | None]()
        for entry in reversed(self.entries[:below]):
            if not entry.committed or entry.key in seen:
                entry.compacted = True
            else:
                seen.add(entry.key)


@dataclass(slots=True)
class _TransactionCoordinator:
    epoch: int = 0
    current: BrokerTransaction | None = None
    ended: bool | None = None


class SimulatedBroker:
    """All logs and transactions. Requests are carried out at once; the network takes the time.

    `epoch`: the second at which the virtual time begins.
    """

    def __init__(self, loop: VirtualLoop, chance: Random, epoch: int) -> None:
        self._loop, self._chance, self._epoch_ms = loop, chance, epoch * 1000
        self.logs: dict[tuple[str, int], PartitionLog] = {}
        self.fences: dict[tuple[str, int], int] = {}
        self.slow_markers = 0.02
        self.observers: list[Callable[[BrokerTransaction], None]] = []
        self._coordinators: dict[str, _TransactionCoordinator] = {}
        self._ended = 0

    def now_ms(self) -> int:
        """The broker's clock, in epoch milliseconds."""
        return self._epoch_ms + int(self._loop.time() * 1000)

    def log(self, topic: str, partition: int) -> PartitionLog:
        """One partition, made when it is first asked for."""
        found = self.logs.get((topic, partition))
        if found is None:
            found = self.logs[topic, partition] = PartitionLog(topic, partition)
        return found

    def append(self, topic: str, partition: int, content: Content) -> int:
        """A plain produce; the offset."""
        return self.log(topic, partition).append(self.now_ms(), content)

    def initialise(self, producer: str) -> int:
        """InitProducerId: fence earlier producers, abort what they left open; the epoch.

        Raises ConcurrentTransactions while that is being aborted.
        """
        coordinator = self._coordinators.setdefault(producer, _TransactionCoordinator())
        if coordinator.current is not None:
            if coordinator.current.state == "open":
                coordinator.epoch += 1
                self._end(coordinator, coordinator.current, commit=False)
            raise ConcurrentTransactions
        coordinator.epoch, coordinator.ended = coordinator.epoch + 1, None
        self.fences[producer, coordinator.epoch] = self.now_ms()
        return coordinator.epoch

    def produce(self, producer: str, epoch: int, owner: str, log: PartitionLog, contents: Sequence[Content]) -> int:
        """Records of a transaction, which begins with its first; the append time.

        Raises ProducerFenced, or ConcurrentTransactions while the last transaction is being ended.
        """
        coordinator, now = self._coordinators[producer], self.now_ms()
        if epoch != coordinator.epoch:
            raise ProducerFenced
        if coordinator.current is None:
            coordinator.current = BrokerTransaction(producer, epoch, owner)
            self._loop.later(
                TRANSACTION_SECONDS + self._chance.random(), self._expire, coordinator, coordinator.current
            )
        elif coordinator.current.state != "open":
            raise ConcurrentTransactions
        coordinator.current.logs[log] = None
        for content in contents:
            log.append(now, content, coordinator.current)
        self._notify(coordinator.current)
        return now

    def end(self, producer: str, epoch: int, commit: bool) -> None:
        """EndTxn. Raises InvalidProducerEpoch when fenced, InvalidTxnState when nothing is open."""
        coordinator = self._coordinators[producer]
        if epoch != coordinator.epoch:
            raise InvalidProducerEpoch
        if coordinator.current is not None and coordinator.current.state == "open":
            self._end(coordinator, coordinator.current, commit=commit)
        elif coordinator.current is None and coordinator.ended is not commit:
            raise InvalidTxnState

    def _expire(self, coordinator: _TransactionCoordinator, transaction: BrokerTransaction) -> None:
        if coordinator.current is transaction and transaction.state == "open":
            coordinator.epoch += 1
            self._end(coordinator, transaction, commit=False)

    def _end(self, coordinator: _TransactionCoordinator, transaction: BrokerTransaction, *, commit: bool) -> None:
        transaction.state = "ending"
        self._notify(transaction)
        slow = self._chance.random() < self.slow_markers
        self._loop.later(
            self._chance.uniform(0.1, 0.8) if slow else 0.001, self._complete, coordinator, transaction, commit
        )

    def _complete(self, coordinator: _TransactionCoordinator, transaction: BrokerTransaction, commit: bool) -> None:
        transaction.state = "committed" if commit else "aborted"
        self._ended += 1
        transaction.ended_ms, transaction.sequence = self.now_ms(), self._ended
        for log in transaction.logs:
            log.append(transaction.ended_ms, (None, None, ()), transaction, marker=True)
            log.open.pop(transaction, None)
            log.wake()
        coordinator.current, coordinator.ended = None, commit
        self._notify(transaction)

    def _notify(self, transaction: BrokerTransaction) -> None:
        for observer in tuple(self.observers):
            observer(transaction)
