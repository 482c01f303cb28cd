"""For tests: an event loop in which what is waited for takes no time, and the clock that goes with it."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from tasker_ticker.testing.partition_harness import NOON

T = TypeVar("T")


class VirtualSelector(selectors.SelectSelector):
    """Where a loop would wait for its next timer, so much virtual time has passed."""

    virtual_seconds = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready by now."""
        assert timeout is not None, "all wait for ever"
        self.virtual_seconds += timeout
        return super().select(0)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Nothing in it may wait for the network."""

    def __init__(self) -> None:
        self._virtual_selector = VirtualSelector()
        super().__init__(self._virtual_selector)

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._virtual_selector.virtual_seconds


class VirtualClock:
    """The time of such a loop, which began at noon."""

    def now_ms(self) -> int:
        """Epoch milliseconds."""
        return NOON * 1000 + round(asyncio.get_running_loop().time() * 1000)


def run_in_virtual_time(main: Coroutine[Any, Any, T]) -> T:
    """Run it to its end."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
