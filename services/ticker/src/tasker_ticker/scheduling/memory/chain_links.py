"""PURE. Which task starts which: what a partition's own tasks say, and what the owners of the others have written."""

from collections.abc import Iterator, Sequence

import msgspec

from tasker_core.chains.graph import ChainGraph, ChainLinks
from tasker_core.messages.announcements import decode_successors
from tasker_core.topics import partition_of


class ChainTable(ChainGraph):
    """The graph as the topic `chains` has it."""

    def apply(self, key: bytes | None, value: bytes | None) -> str | None:
        """Take in the next record; returns what is wrong with it, if anything."""
        task_id = (key or b"").decode(errors="replace")
        if value is None:
            self.put(task_id, ())
            return None
        try:
            self.put(task_id, decode_successors(value).successors)
        except (msgspec.DecodeError, RecursionError) as error:
            return f"ignored: {error}"
        return None


class KnownLinks:
    """All chains as one partition sees them: of its own tasks it knows best, also what is not committed yet.

    `followed` counts the links that were asked for.
    """

    def __init__(self, partition: int, partitions: int, own: ChainLinks, others: ChainLinks) -> None:
        self._partition, self._partitions, self._own, self._others = partition, partitions, own, others
        self.followed = 0

    def successors(self, task_id: str) -> Sequence[str]:
        """The tasks that a task starts."""
        found = (self._own if self._is_own(task_id) else self._others).successors(task_id)
        self.followed += len(found)
        return found

    def predecessors(self, task_id: str) -> Iterator[str]:
        """The tasks that start a task."""
        for name in self._own.predecessors(task_id):
            self.followed += 1
            yield name
        for name in self._others.predecessors(task_id):
            self.followed += 1
            if not self._is_own(name):
                yield name

    def _is_own(self, task_id: str) -> bool:
        return partition_of(task_id, self._partitions) == self._partition
