"""PURE. What is due when: names by second, so that work follows what is due and never what is held."""

import heapq

from tasker_core.schedule import NEVER


class Agenda:
    """Names, each at one second at most. Adding, moving and removing cost a logarithm; nothing is ever scanned."""

    def __init__(self) -> None:
        self._names: dict[int, set[str]] = {}
        self._seconds: list[int] = []
        self._second_of: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._second_of)

    def put(self, name: str, second: int) -> None:
        """Set the second of a name, wherever it was before; NEVER removes it."""
        self.remove(name)
        if second >= NEVER:
            return
        self._second_of[name] = second
        at = self._names.get(second)
        if at is None:
            self._names[second] = {name}
            heapq.heappush(self._seconds, second)
        else:
            at.add(name)

    def remove(self, name: str) -> None:
        """Forget a name; harmless when it is not there."""
        second = self._second_of.pop(name, None)
        if second is None:
            return
        at = self._names[second]
        at.remove(name)
        if not at:
            del self._names[second]  # its entry in the heap is passed over when it comes up

    def first(self) -> int:
        """The earliest second that has names, NEVER when there is none."""
        while self._seconds and self._seconds[0] not in self._names:
            heapq.heappop(self._seconds)
        return self._seconds[0] if self._seconds else NEVER

    def at(self, second: int) -> list[str]:
        """The names of a second, sorted."""
        return sorted(self._names.get(second, ()))

    def count(self, second: int) -> int:
        """How many names a second has."""
        return len(self._names.get(second, ()))
