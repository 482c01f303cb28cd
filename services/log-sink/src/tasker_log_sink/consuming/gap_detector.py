"""Whether the records that Kafka holds continue where what is applied ends. Lost ones are reported until a rebuild."""

from collections.abc import Mapping
from typing import Final

from tasker_log_sink.metrics import LOST
from tasker_runtime.clock import Clock
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.lost_records import LossNotes
from tasker_runtime.logs import Log

CHECK: Final = "gaps"
REMEDY: Final = (
    "the documents lack what these records said: `python -m tasker_log_sink.rebuild` brings in what Kafka and the "
    "ticker still hold, while everything goes on"
)


class GapDetector:
    """The gaps that were found since this process started, in the check `gaps`."""

    def __init__(self, clock: Clock, health: Health, log: Log) -> None:
        self._clock, self._health, self._log = clock, health, log
        self._found: list[str] = []
        self._found_ms = 0
        self._jumps: dict[TopicPartition, tuple[int, int]] = {}
        self.notes = LossNotes(clock.now_ms)
        health.expect(CHECK)
        health.ok(CHECK)

    def start_offset(self, partition: TopicPartition, applied: int, first: int, end: int) -> int:
        """Where to read on when everything before `applied` is applied and Kafka holds [first, end)."""
        if applied > end:
            self._count(partition, applied - end)
            self._report(
                f"{partition.topic} partition {partition.partition} ends at offset {end}, but {applied} was applied: "
                "the topic was made again or has lost its end; it is read from its beginning"
            )
            return first
        if first > applied:
            self._report_lost(partition, applied, first)
        return max(applied, first)

    def check_end(self, partition: TopicPartition, applied: int, end: int) -> bool:
        """Compare what is applied with where Kafka ends while reading goes on; whether the end is gone.

        The consumer then reads on from the beginning that there is, and says nothing of it.
        """
        if applied <= end:
            return False
        self._count(partition, applied - end)
        self._report(
            f"{partition.topic} partition {partition.partition} ends at offset {end}, but {applied} was applied: it "
            "has lost its end"
        )
        return True

    def note_jump(self, partition: TopicPartition, expected: int, found: int) -> None:
        """Note that offsets were skipped. Markers of transactions always are: `check_jumps` looks closer."""
        self._jumps.setdefault(partition, (expected, found))

    @property
    def found_ms(self) -> int | None:
        """When the last gap was found, here or by the member before this one; None while there are none."""
        return self._found_ms if self._found else self.notes.newest_ms()

    def resolve(self, began_ms: int) -> None:
        """A rebuild that began after the last gap was found is done."""
        self.notes.drop_until(began_ms)
        self._log.info("gaps resolved by a rebuild", gaps=len(self._found))
        self._found.clear()
        self._health.ok(CHECK)

    def jumped(self) -> list[TopicPartition]:
        """Where offsets were skipped since `check_jumps`."""
        return list(self._jumps)

    def check_jumps(self, first: Mapping[TopicPartition, int]) -> None:
        """Compare the jumps with the first offsets that Kafka holds: what it still holds was no loss."""
        for partition, offset in first.items():
            expected, found = self._jumps.pop(partition, (0, 0))
            if found and offset >= found:
                self._report_lost(partition, expected, offset)

    def report_other_clusters(self, cluster: str, others: list[str]) -> None:
        """The database was written from other Kafka clusters and never from this one."""
        self._report(
            f"the database holds what was applied from Kafka cluster {', '.join(others)}, this is {cluster}: its "
            "topics are applied from their beginning, on top of what is there"
        )

    def _report_lost(self, partition: TopicPartition, expected: int, first: int) -> None:
        self._count(partition, first - expected)
        self._report(
            f"records {expected}..{first - 1} of {partition.topic} partition {partition.partition} were deleted before "
            "they were applied"
        )

    def _count(self, partition: TopicPartition, records: int) -> None:
        LOST.labels(partition.topic.rpartition(".")[2]).inc(records)
        self.notes.add(partition, records)

    def _report(self, what: str) -> None:
        self._found.append(what)
        self._found_ms = self._clock.now_ms()
        self._log.error("gap found", reason=what, remedy=REMEDY)
        more = f" (and {len(self._found) - 1} more, see the log)" if len(self._found) > 1 else ""
        self._health.fail(CHECK, f"{self._found[0]}{more}; {REMEDY}")
