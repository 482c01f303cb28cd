"""Threads of plug-ins that go on after their attempt, since nobody can stop them."""

import asyncio


class LingeringThreads:
    """By run id, a future of the thread's end. Until then the run keeps its slot, and its task's next run waits."""

    def __init__(self) -> None:
        self._ends: dict[str, asyncio.Future[None]] = {}

    def __contains__(self, run_id: str) -> bool:
        """Whether a thread of a run goes on."""
        return run_id in self._ends

    def add(self, run_id: str, end: asyncio.Future[None]) -> None:
        """The attempt of a run is over, but its thread is not."""
        self._ends[run_id] = end

    def pop(self, run_id: str) -> asyncio.Future[None] | None:
        """Remove and return the end of a run's thread; None when none goes on."""
        return self._ends.pop(run_id, None)
