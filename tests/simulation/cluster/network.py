"""The simulated network: requests take time, and in case of a fault are slow, lost, answered too late, or refused."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal, TypeVar

from aiokafka.errors import KafkaError, NotEnoughReplicasError

from tests.simulation.cluster.broker import ConcurrentTransactions
from tests.simulation.virtual_loop import VirtualLoop

T = TypeVar("T")
NetworkFaultKind = Literal["slow", "late_end", "lost_answer", "lost_end", "refused", "lost_produce"]
NETWORK_FAULTS: tuple[NetworkFaultKind, ...] = (
    "slow", "late_end", "lost_answer", "lost_end", "refused", "lost_produce",
)  # fmt: skip
RequestKind = Literal["produce", "end", "init", "send", "fetch", "group"]
_AFFECTED: dict[NetworkFaultKind, tuple[RequestKind, ...]] = {
    "slow": ("produce", "end", "init", "send", "fetch", "group"),
    "late_end": ("end",),
    "lost_answer": ("end", "produce", "send"),
    "lost_end": ("end",),
    "refused": ("produce", "send"),
    "lost_produce": ("produce",),
}


@dataclass(slots=True)
class NetworkFault:
    """A fault of one kind, up to an instant of virtual time, for one process or (None) for all."""

    kind: NetworkFaultKind
    until: float
    process: str | None
    odds: float


class Network:
    """Carries requests to the broker and answers back. A request under way arrives even if its sender is dead."""

    def __init__(self, loop: VirtualLoop, chance: Random, trace: Callable[[str], None] = lambda _: None) -> None:
        self._loop, self._chance, self._trace = loop, chance, trace
        self.faults: list[NetworkFault] = []
        self.down_until = 0.0

    @property
    def down(self) -> bool:
        """Whether the broker can't be reached at all."""
        return self._loop.time() < self.down_until

    def request(
        self, process: str, kind: RequestKind, work: Callable[[], T], *, after: asyncio.Future[T] | None = None
    ) -> asyncio.Future[T]:
        """Have the broker do some work, once `after` is answered; the answer is its result or its KafkaError."""
        answer: asyncio.Future[T] = self._loop.create_future()
        if after is None or after.done():
            self._send(process, kind, work, answer)
        else:
            after.add_done_callback(lambda _: self._send(process, kind, work, answer))
        return answer

    def _send(self, process: str, kind: RequestKind, work: Callable[[], T], answer: asyncio.Future[T]) -> None:
        there, back = self._chance.uniform(0.0005, 0.002), self._chance.uniform(0.0005, 0.002)
        fault = self._fault(process, kind) if self.faults else None
        if fault is not None:
            self._trace(f"{process}: {kind} is hit: {fault}")
        match fault:
            case "slow":
                there, back = self._chance.uniform(0, 3), self._chance.uniform(0, 2)
            case "late_end":
                there = self._chance.uniform(3, 15)
            case "refused":
                self._loop.later(there + back, self._answer, answer, None, NotEnoughReplicasError())
                return
            case "lost_end" | "lost_produce":
                return
            case "lost_answer":
                back = 1e6
            case None:
                pass
        self._loop.later(there, self._arrive, answer, work, back)

    def lag(self, process: str) -> float:
        """How many seconds a fetch takes now."""
        if self.faults and self._fault(process, "fetch"):
            return self._chance.uniform(0, 2)
        return self._chance.uniform(0.0005, 0.003)

    def _arrive(self, answer: asyncio.Future[T], work: Callable[[], T], back: float) -> None:
        if self.down:
            if not answer.done():  # it is sent again and again, as long as somebody waits
                self._loop.later(self._chance.uniform(0.1, 0.5), self._arrive, answer, work, back)
            return
        try:
            result = work()
        except ConcurrentTransactions:
            if not answer.done():
                self._loop.later(0.02, self._arrive, answer, work, back)
        except KafkaError as error:
            self._loop.later(back, self._answer, answer, None, error)
        else:
            self._loop.later(back, self._answer, answer, result, None)

    def _answer(self, answer: asyncio.Future[T], result: T, error: KafkaError | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(result)

    def _fault(self, process: str, kind: RequestKind) -> NetworkFaultKind | None:
        now = self._loop.time()
        for fault in self.faults:
            hit = now < fault.until and fault.process in (None, process) and kind in _AFFECTED[fault.kind]
            if hit and self._chance.random() < fault.odds:
                return fault.kind
        return None
