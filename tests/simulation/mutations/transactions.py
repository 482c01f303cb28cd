"""Mutations of fencing and transactions, and of what the loop makes of the clock."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from unittest import mock

from tasker_ticker import loop
from tasker_ticker.kafka import transaction
from tasker_ticker.kafka.transaction import FencedProducer, TransactionUncertain
from tasker_ticker.loop import SchedulingLoop
from tasker_ticker.scheduling.batch import KeyValue, TransactionBatch

# What is patched is private to the ticker, and its surroundings are untyped on purpose.
# pyright: reportPrivateUsage=false


def sends_not_awaited() -> Any:
    """A commit does not wait for the acknowledgement of its records."""
    send_records = FencedProducer._send_records

    async def send_and_forget(self: FencedProducer, topic: str, pairs: Sequence[KeyValue]) -> list[Any]:
        await send_records(self, topic, pairs)
        return []

    return mock.patch.object(FencedProducer, "_send_records", send_and_forget)


@contextmanager
def producer_used_again() -> Generator[None]:
    """A producer whose transaction is uncertain sends it again."""
    send, commit = FencedProducer.send, FencedProducer.commit
    sent: dict[FencedProducer, TransactionBatch] = {}

    async def send_and_note(self: FencedProducer, batch: TransactionBatch) -> None:
        sent[self] = batch
        await send(self, batch)

    async def commit_or_again(self: FencedProducer) -> None:
        try:
            await commit(self)
        except TransactionUncertain:
            with suppress(TransactionUncertain):  # whatever it was, this program goes on
                client: Any = self._producer
                await self._certainly(client.abort_transaction())
            await send(self, sent[self])
            await commit(self)

    with mock.patch.multiple(FencedProducer, send=send_and_note, commit=commit_or_again):
        yield


@contextmanager
def read_before_fencing() -> Generator[None]:
    """The state is restored before the owner of before is fenced."""
    fence, send = FencedProducer.fence, FencedProducer.send
    fenced: set[FencedProducer] = set()

    async def not_yet(_: FencedProducer) -> None:
        """Fence later, with the first batch."""

    async def fence_and_send(self: FencedProducer, batch: TransactionBatch) -> None:
        if self not in fenced:
            fenced.add(self)
            await fence(self)
        await send(self, batch)

    with mock.patch.multiple(FencedProducer, fence=not_yet, send=fence_and_send):
        yield


@contextmanager
def clock_not_compared() -> Generator[None]:
    """A clock that is ahead of the broker's is not noticed."""
    is_right = property(lambda _: 0, lambda _, __: None)
    offset = mock.patch.object(FencedProducer, "clock_offset_ms", is_right, create=True)
    with offset, mock.patch.object(transaction, "MAX_AHEAD_MS", 1 << 60):
        yield


def commit_before_the_second() -> Any:
    """A prepared batch is committed at once."""

    async def at_once(_self: SchedulingLoop, _second: int) -> None:
        """Do not wait."""

    return mock.patch.object(SchedulingLoop, "_until_begun", at_once)


def stalls_not_noticed() -> Any:
    """After a stall, what is due goes before events."""
    return mock.patch.object(loop, "STALL_MS", 1 << 60)
