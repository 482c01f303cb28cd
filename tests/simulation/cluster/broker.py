"""The simulated broker: append-only partitions, transactions with epochs and markers, read_committed, compaction.

What it does is as Kafka does it where Tasker can tell: a transaction's records are invisible until its markers are
written and hold back all that comes after them; initialising a producer aborts and fences whoever was before; an EndTxn
ends whatever transaction of its epoch is open when it arrives, be it the one that was meant or the next.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from aiokafka.errors import InvalidProducerEpoch, InvalidTxnState, KafkaError, ProducerFenced

from tests.simulation.environment.virtual_loop import VirtualLoop

EPOCH_MS = 1_767_268_800_000
"""2026-01-01T12:00:00Z: where every simulation begins."""
TRANSACTION_SECONDS = 5.0
Headers = Sequence[tuple[str, bytes]]
Content = tuple[bytes | None, bytes | None, Headers]
"""Key, value and headers."""


class Busy(KafkaError):
    """The last transaction is still being ended: to be asked again."""


@dataclass(slots=True, eq=False)
class Transaction:
    """One transaction. `ended_ms` is when its markers were written, `sequence` their place among all."""

    id: str
    epoch: int
    owner: str
    logs: dict["Log", None] = field(default_factory=dict["Log", None])
    state: Literal["open", "ending", "committed", "aborted"] = "open"
    ended_ms: int = 0
    sequence: int = 0


@dataclass(slots=True, eq=False)
class Entry:
    """One place in a log: a record, or a marker."""

    offset: int
    ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    transaction: Transaction | None
    marker: bool = False
    gone: bool = False

    @property
    def committed(self) -> bool:
        """Whether it is a record that counts, whether or not compaction has taken it since."""
        return not self.marker and (self.transaction is None or self.transaction.state == "committed")


class Log:
    """One partition of a topic."""

    def __init__(self, topic: str, partition: int) -> None:
        self.topic, self.partition, self.start = topic, partition, 0
        self.entries: list[Entry] = []
        self.open: dict[Transaction, int] = {}
        self.waiting: list[asyncio.Future[None]] = []

    @property
    def stable(self) -> int:
        """The last stable offset: the end that read_committed shows."""
        return min(self.open.values()) if self.open else len(self.entries)

    def append(self, ms: int, content: Content, transaction: Transaction | None = None, *, marker: bool = False) -> int:
        """Append one entry; its offset."""
        offset, (key, value, headers) = len(self.entries), content
        if transaction is not None and not marker and transaction not in self.open:
            self.open[transaction] = offset
        self.entries.append(Entry(offset, ms, key, value, headers, transaction, marker))
        if transaction is None:
            self.wake()
        return offset

    def wake(self) -> None:
        """Tell the readers that there is something new."""
        for waiting in self.waiting:
            if not waiting.done():
                waiting.set_result(None)
        self.waiting.clear()

    def committed(self) -> Iterator[Entry]:
        """All records that were ever committed, in order, those that compaction took included."""
        return (entry for entry in self.entries[: self.stable] if entry.committed)

    def compact(self, below: int) -> None:
        """Keep only the newest record of each key, markers and aborted ones gone, below an offset."""
        below, seen = min(below, self.stable), set[bytes | None]()
        for entry in reversed(self.entries[:below]):
            if not entry.committed or entry.key in seen:
                entry.gone = True
            else:
                seen.add(entry.key)


@dataclass(slots=True)
class _Coordinator:
    epoch: int = 0
    current: Transaction | None = None
    ended: bool | None = None


class Broker:
    """All logs and transactions. What it is asked to do is done in the instant; the network takes the time."""

    def __init__(self, loop: VirtualLoop, chance: Random) -> None:
        self._loop, self._chance = loop, chance
        self.logs: dict[tuple[str, int], Log] = {}
        self.fences: dict[tuple[str, int], int] = {}
        self.slow_markers = 0.02
        self.watchers: list[Callable[[Transaction], None]] = []
        self._coordinators: dict[str, _Coordinator] = {}
        self._ended = 0

    def now_ms(self) -> int:
        """The broker's clock, in epoch milliseconds."""
        return EPOCH_MS + int(self._loop.time() * 1000)

    def log(self, topic: str, partition: int) -> Log:
        """One partition, made when it is first asked for."""
        found = self.logs.get((topic, partition))
        if found is None:
            found = self.logs[topic, partition] = Log(topic, partition)
        return found

    def append(self, topic: str, partition: int, content: Content) -> int:
        """A plain produce; the offset."""
        return self.log(topic, partition).append(self.now_ms(), content)

    def initialise(self, producer: str) -> int:
        """InitProducerId: fence whoever was before, abort what they left open; the epoch. Raises Busy meanwhile."""
        of = self._coordinators.setdefault(producer, _Coordinator())
        if of.current is not None:
            if of.current.state == "open":
                of.epoch += 1
                self._end(of, of.current, commit=False)
            raise Busy
        of.epoch, of.ended = of.epoch + 1, None
        self.fences[producer, of.epoch] = self.now_ms()
        return of.epoch

    def produce(self, producer: str, epoch: int, owner: str, log: Log, contents: Sequence[Content]) -> int:
        """Records of a transaction, which begins with its first; the append time. Raises ProducerFenced, Busy."""
        of, now = self._coordinators[producer], self.now_ms()
        if epoch != of.epoch:
            raise ProducerFenced
        if of.current is None:
            of.current = Transaction(producer, epoch, owner)
            self._loop.later(TRANSACTION_SECONDS + self._chance.random(), self._expire, of, of.current)
        elif of.current.state != "open":
            raise Busy
        of.current.logs[log] = None
        for content in contents:
            log.append(now, content, of.current)
        self._tell(of.current)
        return now

    def end(self, producer: str, epoch: int, commit: bool) -> None:
        """EndTxn. Raises InvalidProducerEpoch when fenced, InvalidTxnState when nothing is open."""
        of = self._coordinators[producer]
        if epoch != of.epoch:
            raise InvalidProducerEpoch
        if of.current is not None and of.current.state == "open":
            self._end(of, of.current, commit=commit)
        elif of.current is None and of.ended is not commit:
            raise InvalidTxnState

    def _expire(self, of: _Coordinator, transaction: Transaction) -> None:
        if of.current is transaction and transaction.state == "open":
            of.epoch += 1
            self._end(of, transaction, commit=False)

    def _end(self, of: _Coordinator, transaction: Transaction, *, commit: bool) -> None:
        transaction.state = "ending"
        self._tell(transaction)
        slow = self._chance.random() < self.slow_markers
        self._loop.later(self._chance.uniform(0.1, 0.8) if slow else 0.001, self._complete, of, transaction, commit)

    def _complete(self, of: _Coordinator, transaction: Transaction, commit: bool) -> None:
        transaction.state = "committed" if commit else "aborted"
        self._ended += 1
        transaction.ended_ms, transaction.sequence = self.now_ms(), self._ended
        for log in transaction.logs:
            log.append(transaction.ended_ms, (None, None, ()), transaction, marker=True)
            log.open.pop(transaction, None)
            log.wake()
        of.current, of.ended = None, commit
        self._tell(transaction)

    def _tell(self, transaction: Transaction) -> None:
        for watcher in tuple(self.watchers):
            watcher(transaction)
