"""Traps: they wait for a moment in the life of a transaction, too short for chance to find, and strike its owner."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from tasker_core.messages import Watermark, decode_watermark
from tests.simulation.cluster.broker import Transaction
from tests.simulation.environment.ticker_process import TOPICS, Process

if TYPE_CHECKING:
    from tests.simulation.environment.world import World

Moment = Literal["cut", "open", "ending", "committed"]
"""`cut`: a part of a second is out, the rest is not. `open`: some records are written, others perhaps not."""
Strike = Callable[["World", Process], None]


class Trap:
    """Lies in wait for the `nth` such moment: of cuts, the nth of one second."""

    def __init__(self, world: "World", moment: Moment, nth: int, strike: Strike) -> None:
        self._world, self._moment, self._left, self._strike = world, moment, nth, strike
        self._nth, self._second = nth, ""
        world.broker.watchers.append(self)

    def __call__(self, transaction: Transaction) -> None:
        """Look at a step of a transaction. What is done when it is the one comes within four milliseconds."""
        if not self._is_it(transaction):
            return
        self._world.broker.watchers.remove(self)
        self._world.loop.later(self._world.chance.uniform(0, 0.004), self._spring, transaction.owner)

    def _spring(self, owner: str) -> None:
        for process in self._world.living:
            if process.name == owner:
                self._world.trace.tell(f"fault: {owner} is struck: {self._moment}")
                self._strike(self._world, process)
                return

    def _is_it(self, transaction: Transaction) -> bool:
        if self._moment != "cut":
            self._left -= transaction.state == self._moment
            return self._left == 0
        burst = _mark(transaction).burst if transaction.state == "committed" else None
        if burst is None:
            return False
        if self._second != burst.second:
            self._second, self._left = burst.second, self._nth
        self._left -= 1
        return self._left == 0


def _mark(transaction: Transaction) -> Watermark:
    """The watermark that a transaction bears."""
    (log,) = (log for log in transaction.logs if log.topic == TOPICS["watermarks"])
    written = (entry for entry in reversed(log.entries) if entry.transaction is transaction and not entry.marker)
    return decode_watermark(next(written).value or b"")
