"""How early the work of a second must begin, so that it is with the broker when the second begins.

All partitions of a process share its processor, so what counts is what is due in all of them together.
"""

BASE_MS = 20
"""To begin a transaction and have its records acknowledged."""
US_PER_RUN = 20
"""To build, send and have acknowledged one run, on a machine that does other things besides."""
MAX_LEAD_MS = 900


class LeadTime:
    """Follows from the number of runs in the first batch of the next second, by partition: no other can be prepared."""

    def __init__(self) -> None:
        self._due: dict[int, int] = {}

    def note_due(self, partition: int, runs: int) -> None:
        """Note how many runs the first batch of a partition has in the next second."""
        self._due[partition] = runs

    @property
    def ms(self) -> int:
        """How many milliseconds before the second its work begins."""
        return min(MAX_LEAD_MS, BASE_MS + sum(self._due.values()) * US_PER_RUN // 1000)
