"""Triggers: they wait for a step of a transaction, too short for chance to hit, and inject a fault into its owner."""

from collections.abc import Callable
from typing import Literal

from tasker_core.messages.watermark import Watermark, decode_watermark
from tests.simulation.cluster.broker import BrokerTransaction
from tests.simulation.environment.simulation import Simulation
from tests.simulation.environment.ticker_process import TOPICS, TickerProcess

TriggerPoint = Literal["cut", "open", "ending", "committed"]
"""`cut`: a part of a second is emitted, the rest is not. `open`: some records are written, others perhaps not."""
ProcessFault = Callable[[Simulation, TickerProcess], None]


class TransactionTrigger:
    """Waits for the `nth` such step: of cuts, the nth of one second."""

    def __init__(self, simulation: Simulation, point: TriggerPoint, nth: int, fault: ProcessFault) -> None:
        self._simulation, self._point, self._left, self._fault = simulation, point, nth, fault
        self._nth, self._second = nth, ""
        simulation.broker.observers.append(self)

    def __call__(self, transaction: BrokerTransaction) -> None:
        """Look at a step of a transaction. When it is the one, the fault comes within four milliseconds."""
        if not self._matches(transaction):
            return
        self._simulation.broker.observers.remove(self)
        self._simulation.loop.later(self._simulation.chance.uniform(0, 0.004), self._inject, transaction.owner)

    def _inject(self, owner: str) -> None:
        for process in self._simulation.living:
            if process.name == owner:
                self._simulation.trace.add(f"fault: {owner} is hit: {self._point}")
                self._fault(self._simulation, process)
                return

    def _matches(self, transaction: BrokerTransaction) -> bool:
        if self._point != "cut":
            self._left -= transaction.state == self._point
            return self._left == 0
        burst = _watermark(transaction).burst if transaction.state == "committed" else None
        if burst is None:
            return False
        if self._second != burst.second:
            self._second, self._left = burst.second, self._nth
        self._left -= 1
        return self._left == 0


def _watermark(transaction: BrokerTransaction) -> Watermark:
    """The watermark that a transaction wrote."""
    (log,) = (log for log in transaction.logs if log.topic == TOPICS["watermarks"])
    written = (entry for entry in reversed(log.entries) if entry.transaction is transaction and not entry.marker)
    return decode_watermark(next(written).value or b"")
