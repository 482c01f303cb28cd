"""An event loop in virtual time: nothing sleeps, nothing is left to chance, and whole processes can be held up.

A callback belongs to the process in whose context it was made. A stalled process's callbacks wait until it resumes; a
dead one's never run, so that no line of its clean-up code does, as after kill -9.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from typing import Any


class ProcessControl:
    """What holds a process up: `stalled_until` in loop time; `dead` for good, with what it would have gone on with."""

    def __init__(self) -> None:
        self.stalled_until = 0.0
        self.dead = False
        self.held: list[asyncio.Handle] = []


CURRENT_PROCESS: ContextVar[ProcessControl | None] = ContextVar("CURRENT_PROCESS", default=None)
Ready = tuple[ProcessControl | None, asyncio.Handle]


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs callbacks in the order of their times, and of their making within one instant."""

    def __init__(self) -> None:
        super().__init__()
        self._now, self._sequence = 0.0, 0
        self._due: deque[Ready] = deque()
        self._timers: list[tuple[float, int, ProcessControl | None, asyncio.Handle]] = []
        self.outside = Context()
        self.errors: list[BaseException] = []

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.Handle:
        """In this instant, after what is waiting already."""
        handle = asyncio.Handle(callback, args, self, context)
        self._due.append((CURRENT_PROCESS.get() if context is None else context.get(CURRENT_PROCESS), handle))
        return handle

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """At an instant of virtual time."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._put(when, CURRENT_PROCESS.get() if context is None else context.get(CURRENT_PROCESS), handle)
        return handle

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """After so many virtual seconds."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def later(self, delay: float, callback: Callable[..., object], *args: Any) -> None:
        """The same outside of every process: in the network, at the broker, by chance."""
        self.call_at(self._now + delay, callback, *args, context=self.outside)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Keep the error of a callback; futures whose errors nobody looked at are no error here."""
        if "callback" in context["message"] and isinstance(context.get("exception"), BaseException):
            self.errors.append(context["exception"])

    def run_to(self, when: float) -> None:
        """Run all that is due up to an instant."""
        asyncio.events._set_running_loop(self)  # pyright: ignore[reportPrivateUsage] -- what run_forever does
        try:
            while self._next(when):
                process, handle = self._due.popleft()
                if handle.cancelled():
                    continue
                if process is not None and (process.dead or process.stalled_until > self._now):
                    process.held.append(handle)
                else:
                    handle._run()  # pyright: ignore[reportPrivateUsage] -- a loop's own business
        finally:
            asyncio.events._set_running_loop(None)  # pyright: ignore[reportPrivateUsage] -- what run_forever does
        self._now = max(self._now, when)

    def stall(self, process: ProcessControl, seconds: float) -> None:
        """Hold a process up for a while."""
        process.stalled_until = max(process.stalled_until, self._now + seconds)
        self.later(process.stalled_until - self._now, self._wake, process)

    def resume(self, process: ProcessControl) -> None:
        """Let a process go on from where it was."""
        process.stalled_until = 0.0
        self._due.extend((process, handle) for handle in process.held)
        process.held = []

    def shut_down(self, processes: list[ProcessControl]) -> None:
        """End every task that is left, the dead ones' too, so that nothing of them runs when memory is freed."""
        for process in processes:
            process.dead = False
            self.resume(process)
        for _ in range(20):
            tasks = sorted((task for task in asyncio.all_tasks(self)), key=lambda task: task.get_name())
            if not tasks:
                break
            for task in tasks:
                task.cancel()
            self.run_to(self._now + 10)
        self.close()

    def _wake(self, process: ProcessControl) -> None:
        if not process.dead and process.stalled_until <= self._now:
            self.resume(process)

    def _put(self, when: float, process: ProcessControl | None, handle: asyncio.Handle) -> None:
        self._sequence += 1
        heapq.heappush(self._timers, (when, self._sequence, process, handle))

    def _next(self, until: float) -> bool:
        if self._due:
            return True
        while self._timers and self._timers[0][0] <= until:
            when, _, process, handle = heapq.heappop(self._timers)
            if not handle.cancelled():
                self._now = max(self._now, when)
                self._due.append((process, handle))
                return True
        return False


def process_context(process: ProcessControl) -> Context:
    """A context in which all that is started belongs to a process."""
    context = copy_context()
    context.run(CURRENT_PROCESS.set, process)
    return context
