"""PURE. The watermark of a partition: how far its time has come, and its form in `watermarks`."""

from dataclasses import dataclass, field

from tasker_core.messages.base import encode
from tasker_core.messages.watermark import Burst, CatchUp, Watermark
from tasker_core.time.instant import parse_second, rfc3339_second


@dataclass(frozen=True, slots=True)
class WatermarkAuthor:
    """Who writes a watermark: the name of the process, its software, how many tasks it holds of the partition, and how
    far its clock is ahead of the broker's in milliseconds."""

    owner: str
    version: str | None = None
    held: int | None = None
    clock_offset_ms: int | None = None


@dataclass(slots=True)
class CatchUpGap:
    """Occurrences effective in (after, to] wait to be visited, in the order of task ids; `after_task` was the last."""

    after: int
    to: int
    after_task: str = ""


@dataclass(slots=True)
class WatermarkPosition:
    """`second`: everything effective up to it is emitted, decided, or lies in one of `gaps`.

    `burst_after`: of the next second, the runs of all tasks up to this one are emitted. `next_offset`: the first event
    not yet applied. A task's version is `base` plus the offset of the event that made it. `turn` counts the batches.
    """

    second: int
    next_offset: int = 0
    base: int = 1
    burst_after: str | None = None
    gaps: list[CatchUpGap] = field(default_factory=list[CatchUpGap])
    turn: int = 0

    @property
    def deciding(self) -> int:
        """The second that is being decided, or was last."""
        return self.second + (self.burst_after is not None)

    def decided_of(self, task_id: str) -> int:
        """The second up to which everything of a task is decided, or lies in a gap."""
        return self.second + (self.burst_after is not None and task_id <= self.burst_after)

    @classmethod
    def from_message(cls, mark: Watermark) -> "WatermarkPosition":
        """The position that a watermark record states."""
        return cls(
            second=parse_second(mark.time),
            next_offset=mark.next_offset,
            base=mark.base,
            burst_after=mark.burst.after_task if mark.burst else None,
            gaps=[CatchUpGap(parse_second(g.from_), parse_second(g.to), g.after_task) for g in mark.catch_up],
            turn=mark.turn,
        )

    def to_record(self, author: WatermarkAuthor) -> bytes:
        """The watermark record of this position, as written by `author`."""
        burst = None
        if self.burst_after is not None:
            burst = Burst(second=rfc3339_second(self.second + 1), after_task=self.burst_after)
        gaps = [
            CatchUp(from_=rfc3339_second(g.after), to=rfc3339_second(g.to), after_task=g.after_task) for g in self.gaps
        ]
        mark = Watermark(
            time=rfc3339_second(self.second),
            next_offset=self.next_offset,
            base=self.base,
            burst=burst,
            catch_up=gaps,
            turn=self.turn,
            owner=author.owner,
            held=author.held,
            version=author.version,
            clock_offset_ms=author.clock_offset_ms,
        )
        return encode(mark)
