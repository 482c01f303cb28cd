"""Whether the history that Kafka holds joins on to what is applied; what is lost is told, and the sink goes on."""

from collections.abc import Mapping

from tasker_log_sink.metrics import LOST
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.logs import Log

CHECK = "history"
WAY_OUT = (
    "the documents lack what these records told; there is no `rebuild` command yet: to start over from all that Kafka "
    "still holds, stop the log sink, drop the database and start it again"
)


class GapDetector:
    """Gaps that were found while this process has lived, in the check `history`."""

    def __init__(self, health: Health, log: Log) -> None:
        self._health, self._log = health, log
        self._told: list[str] = []
        self._jumps: dict[TopicPartition, tuple[int, int]] = {}
        health.expect(CHECK)
        health.ok(CHECK)

    def start(self, partition: TopicPartition, applied: int, first: int, end: int) -> int:
        """Where to read on when everything before `applied` is applied and Kafka holds [first, end)."""
        if applied > end:
            self._tell(
                f"{partition.topic} partition {partition.partition} ends at offset {end}, but {applied} was applied: "
                "the topic was made again or has lost its end; it is read from its beginning"
            )
            return first
        if first > applied:
            self._lost(partition, applied, first)
        return max(applied, first)

    def jump(self, partition: TopicPartition, expected: int, found: int) -> None:
        """Note that offsets were skipped. Transactions' markers are skipped all the time: `check` looks closer."""
        self._jumps.setdefault(partition, (expected, found))

    def jumped(self) -> list[TopicPartition]:
        """Where offsets were skipped since `check`."""
        return list(self._jumps)

    def check(self, first: Mapping[TopicPartition, int]) -> None:
        """Compare the jumps with the first offsets that Kafka holds: what it still holds was no loss."""
        for partition, offset in first.items():
            expected, found = self._jumps.pop(partition, (0, 0))
            if found and offset >= found:
                self._lost(partition, expected, offset)

    def other_cluster(self, cluster: str, others: list[str]) -> None:
        """The database was written from other Kafka clusters and never from this one."""
        self._tell(
            f"the database holds what was applied from Kafka cluster {', '.join(others)}, this is {cluster}: its "
            "topics are applied from their beginning, on top of what is there"
        )

    def _lost(self, partition: TopicPartition, expected: int, first: int) -> None:
        LOST.labels(partition.topic).inc(first - expected)
        self._tell(
            f"records {expected}..{first - 1} of {partition.topic} partition {partition.partition} were deleted before "
            "they were applied"
        )

    def _tell(self, what: str) -> None:
        self._told.append(what)
        self._log.error("history broken", reason=what, way_out=WAY_OUT)
        more = f" (and {len(self._told) - 1} more, see the log)" if len(self._told) > 1 else ""
        self._health.fail(CHECK, f"{self._told[0]}{more}; {WAY_OUT}")
