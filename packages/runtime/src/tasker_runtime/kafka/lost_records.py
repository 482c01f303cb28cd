"""Records that a broker has lost before a service read them: told once, in health, log, metrics and commits.

Retention deletes the beginning of a partition; a truncated log, or a leader that lacked records, its end. aiokafka says
nothing of either: it reads on from the beginning that there is.
"""

from collections.abc import Callable
from typing import Final

from tasker_core.loss_note import LossNote, note_in
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.logs import Log

CHECK: Final = "lost-records"
_CUT: Final = "it has lost its end, or was made again"


class LossNotes:
    """What is to be noted beside the committed offsets of each partition. `now_ms` is Unix time in milliseconds."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms, self._notes = now_ms, dict[TopicPartition, LossNote]()

    def add(self, partition: TopicPartition, records: int) -> None:
        """So many more are lost."""
        before = self.of(partition) or LossNote(0, self._now_ms())
        self._notes[partition] = LossNote(before.records + records, before.since_ms)

    def restore(self, partition: TopicPartition, metadata: str) -> None:
        """Take over what is noted in a commit of the group, unless more is known here."""
        found, known = note_in(metadata), self._notes.get(partition)
        if found is not None and (known is None or found.records > known.records):
            self._notes[partition] = found

    def of(self, partition: TopicPartition) -> LossNote | None:
        """What is to be noted of a partition."""
        note = self._notes.get(partition)
        return None if note is None or note.is_over(self._now_ms()) else note

    def newest_ms(self) -> int | None:
        """When the youngest of what is noted was found."""
        return max((note.since_ms for note in self._notes.values()), default=None)

    def drop_until(self, at_ms: int) -> None:
        """What was found until then is made good."""
        self._notes = {name: note for name, note in self._notes.items() if note.since_ms > at_ms}


class LostRecords:
    """What was found since this process started. `count` adds to the metric of a topic; `remedy` says what to do.

    The check does not gate: who has lost some records serves the others. It stays red until a restart. So many
    `markers` may follow the last record that was read, and are no loss: one where all records come in transactions. A
    record can hide there only if it is the next one of a transaction of which others were read, and the very last that
    was deleted. An end that was cut and has grown again beyond what was read, between two looks, goes unnoticed.
    """

    def __init__(
        self,
        count: Callable[[str, int], None],
        remedy: str,
        notes: LossNotes,
        health: Health,
        log: Log,
        markers: int = 0,
    ) -> None:
        self._notes, self._markers = notes, markers
        self._count, self._remedy, self._health, self._log = count, remedy, health, log
        self._found = dict[tuple[TopicPartition, int, str], tuple[int, str]]()
        health.expect(CHECK, gates=False)
        health.ok(CHECK)

    def look(self, partition: TopicPartition, next_offset: int, first: int, end: int) -> bool:
        """Compare what is to be read next with what there is, offsets [first, end); whether something is lost."""
        name = f"{partition.topic} partition {partition.partition}"
        if next_offset + self._markers < first:
            deleted = f"offsets {next_offset} to {first - 1} of {name} were deleted unread"
            self._report((partition, next_offset, "begin"), first - next_offset, deleted)
        elif next_offset > end:
            cut = f"{name} ends at offset {end}, and was read up to {next_offset}: {_CUT}"
            self._report((partition, next_offset, "end"), next_offset - end, cut)
        return not first - self._markers <= next_offset <= end

    def went_back(self, partition: TopicPartition, next_offset: int, found: int) -> None:
        """A record came of an offset that had been read before: another one may stand there now."""
        name = f"{partition.topic} partition {partition.partition}"
        again = f"{name} was read up to offset {next_offset}, and offset {found} came next: {_CUT}"
        self._report((partition, next_offset, "end"), next_offset - found, again)

    def _report(self, loss: tuple[TopicPartition, int, str], records: int, what: str) -> None:
        """Tell a loss, or how much greater it is than it was: what is seen of it may grow, and shrink."""
        partition, (known, _) = loss[0], self._found.get(loss, (0, ""))
        if records <= known:
            return
        self._found[loss] = records, what
        self._count(partition.topic, records - known)
        self._notes.add(partition, records - known)
        self._log.error("records lost", partition=partition.partition, reason=what, remedy=self._remedy)
        (_, first), *others = self._found.values()
        more = f" (and {len(others)} more, see the log)" if others else ""
        self._health.fail(CHECK, f"{first}{more}. {self._remedy}")
