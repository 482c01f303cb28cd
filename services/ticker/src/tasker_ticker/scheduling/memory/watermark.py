"""PURE. Where a partition stands, and its form in `watermarks`."""

from dataclasses import dataclass, field

from tasker_core.messages import Burst, CatchUp, Watermark, encode
from tasker_core.time.instant import parse_second, rfc3339_second
from tasker_ticker.scheduling.misfire import Gap


@dataclass(slots=True)
class Position:
    """`second`: everything effective up to it is emitted, decided, or lies in one of `gaps`.

    `burst_after`: of the next second, all task ids up to this one are out already. `next_offset`: the first event not
    yet applied. A task's version is `base` plus the offset of the event that made it.
    """

    second: int
    next_offset: int = 0
    base: int = 1
    burst_after: str | None = None
    gaps: list[Gap] = field(default_factory=list[Gap])
    turn: int = 0

    @property
    def deciding(self) -> int:
        """The second that is being decided, or was last."""
        return self.second + (self.burst_after is not None)

    @classmethod
    def of(cls, mark: Watermark) -> "Position":
        """The position that a watermark tells."""
        return cls(
            second=parse_second(mark.time),
            next_offset=mark.next_offset,
            base=mark.base,
            burst_after=mark.burst.after_task if mark.burst else None,
            gaps=[Gap(parse_second(g.from_), parse_second(g.to), g.after_task) for g in mark.catch_up],
            turn=mark.turn,
        )

    def watermark(self, owner: str) -> bytes:
        """The watermark record of this position, as written by `owner`."""
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
            owner=owner,
        )
        return encode(mark)
