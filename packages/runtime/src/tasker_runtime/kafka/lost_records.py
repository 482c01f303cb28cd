"""Records that a broker has lost before a service read them: told once, in health, log and metrics.

Retention deletes the beginning of a partition; a truncated log, or a leader that lacked records, its end. aiokafka says
nothing of either: it reads on from the beginning that there is.
"""

from collections.abc import Callable
from typing import Final

from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.logs import Log

CHECK: Final = "lost-records"
_CUT: Final = "it has lost its end, or was made again"


class LostRecords:
    """What was found since this process started. `count` adds to the metric of a topic; `remedy` says what to do.

    The check does not gate: who has lost some records serves the others. It stays red until a restart. So many
    `markers` may follow the last record that was read, and are no loss: one where all records come in transactions.
    """

    def __init__(
        self, count: Callable[[str, int], None], remedy: str, health: Health, log: Log, markers: int = 0
    ) -> None:
        self._markers = markers
        self._count, self._remedy, self._health, self._log = count, remedy, health, log
        self._found = dict[str, None]()
        health.expect(CHECK, gates=False)
        health.ok(CHECK)

    def look(self, partition: TopicPartition, next_offset: int, first: int, end: int) -> bool:
        """Compare what is to be read next with what there is, offsets [first, end); whether something is lost."""
        name = f"{partition.topic} partition {partition.partition}"
        if next_offset + self._markers < first:
            self._report(
                partition, first - next_offset, f"offsets {next_offset} to {first - 1} of {name} were deleted unread"
            )
        elif next_offset > end:
            self._report(
                partition,
                next_offset - end,
                f"{name} ends at offset {end}, and was read up to {next_offset}: {_CUT}",
            )
        return not first - self._markers <= next_offset <= end

    def went_back(self, partition: TopicPartition, next_offset: int, found: int) -> None:
        """A record came of an offset that had been read before: another one may stand there now."""
        name = f"{partition.topic} partition {partition.partition}"
        self._report(
            partition,
            next_offset - found,
            f"{name} was read up to offset {next_offset}, and offset {found} came next: {_CUT}",
        )

    def _report(self, partition: TopicPartition, records: int, what: str) -> None:
        if what in self._found:
            return
        self._found[what] = None
        self._count(partition.topic, records)
        self._log.error("records lost", partition=partition.partition, reason=what, remedy=self._remedy)
        first, *others = self._found
        more = f" (and {len(others)} more, see the log)" if others else ""
        self._health.fail(CHECK, f"{first}{more}. {self._remedy}")
