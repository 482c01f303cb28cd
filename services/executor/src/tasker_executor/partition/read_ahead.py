"""PURE. How much of one partition may be read ahead of the slots.

Records come in the order of the partition, so the runs of a task with very many would fill any buffer and keep out
those of its neighbours. So only some runs of one task count; its others wait uncounted, up to a bound of their own.
"""

MAX_WAITING = 1_000
MAX_PER_TASK = 20
"""At most this many runs of one task count: some dozens of such tasks keep nobody out."""
MAX_UNCOUNTED = 10_000
MAX_BYTES = 16 * 1024 * 1024


class ReadAhead:
    """Counts the waiting runs of a partition, by key (a task, or a called host), and their bytes."""

    def __init__(self) -> None:
        self.waiting = self.counted = self.size = 0
        self._by_key: dict[str, int] = {}

    def add(self, key: str, size: int) -> None:
        """A run of `size` bytes waits."""
        waiting = self._by_key.get(key, 0)
        self._by_key[key] = waiting + 1
        self.counted += waiting < MAX_PER_TASK
        self.waiting += 1
        self.size += size

    def remove(self, key: str, size: int) -> None:
        """A run that was added waits no longer."""
        waiting = self._by_key.pop(key) - 1
        if waiting:
            self._by_key[key] = waiting
        self.counted -= waiting < MAX_PER_TASK
        self.waiting -= 1
        self.size -= size

    def has_capacity(self, more: int) -> bool:
        """Whether `more` records may be read, of whatever tasks."""
        return (
            self.counted <= MAX_WAITING - more
            and self.waiting <= MAX_WAITING + MAX_UNCOUNTED - more
            and self.size <= MAX_BYTES
        )
