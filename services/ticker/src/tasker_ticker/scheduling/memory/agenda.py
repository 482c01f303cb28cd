"""PURE. What is due when: names by second, so that the work depends on what is due and not on what is held."""

import heapq
from collections.abc import Sequence
from typing import Final

from tasker_core.schedules.schedule import NEVER

FEW_STALE: Final = 64
"""So many entries of the heap may be of seconds without names, besides as many as there are seconds."""


class Agenda:
    """Names by second. Adding and removing cost a logarithm; nothing is ever scanned.

    Whoever holds a name knows its second: nothing is kept by name here, and a name alone in its second needs no set,
    since a million one-time tasks have a million seconds.
    """

    def __init__(self) -> None:
        self._names: dict[int, str | set[str]] = {}
        self._seconds: list[int] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, name: str, second: int) -> None:
        """Add a name that is not on the agenda, at a second; NEVER leaves it out."""
        if second >= NEVER:
            return
        self._count += 1
        at = self._names.get(second)
        if at is None:
            self._names[second] = name
            heapq.heappush(self._seconds, second)
            if len(self._seconds) > 2 * len(self._names) + FEW_STALE:
                self._seconds = list(self._names)
                heapq.heapify(self._seconds)
        elif isinstance(at, str):
            self._names[second] = {at, name}
        else:
            at.add(name)

    def remove(self, name: str, second: int) -> None:
        """Remove a name that is at a second; nothing is at NEVER. Raises KeyError when it is not there."""
        if second >= NEVER:
            return
        at = self._names[second]
        if isinstance(at, str):
            if at != name:
                raise KeyError(name)
            del self._names[second]  # its entry in the heap is skipped later, or dropped with many others
        else:
            at.remove(name)
            if not at:
                del self._names[second]
        self._count -= 1

    def keep_only(self, second: int, names: Sequence[str] = ()) -> None:
        """Remove all names of a second but these."""
        self._count += len(names) - self.count(second)
        if names:
            self._names[second] = set(names)
        else:
            self._names.pop(second, None)

    def first(self) -> int:
        """The earliest second that has names, NEVER when there is none."""
        while self._seconds and self._seconds[0] not in self._names:
            heapq.heappop(self._seconds)
        return self._seconds[0] if self._seconds else NEVER

    def at(self, second: int) -> list[str]:
        """The names of a second, sorted."""
        at = self._names.get(second, ())
        return [at] if isinstance(at, str) else sorted(at)

    def count(self, second: int) -> int:
        """How many names a second has."""
        at = self._names.get(second, ())
        return 1 if isinstance(at, str) else len(at)
