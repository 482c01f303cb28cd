"""PURE. The two lanes: live runs first, and a share for the background that the live lane cannot take."""

from dataclasses import dataclass
from typing import Literal

Lane = Literal["live", "background"]
LANES: tuple[Lane, Lane] = ("live", "background")
BACKGROUND_EVERY = 8
"""While both lanes wait, every eighth start is one of the background."""


def background_share(size: int) -> int:
    """The part of `size` that the background may have: half, but at least one."""
    return max(1, size // 2)


@dataclass(slots=True)
class LaneBalancer:
    """Shares `size` slots between the lanes. The background holds at most half of them (one, if there is only one)."""

    size: int
    _live_starts: int = 0
    """Starts of the live lane since the last one of the background, while both waited."""

    def free(self, lane: Lane, busy: dict[Lane, int]) -> int:
        """How many slots are free for a lane, given how many each lane holds."""
        free = self.size - busy["live"] - busy["background"]
        return free if lane == "live" else min(free, background_share(self.size) - busy["background"])

    def next_lane(self, waiting: dict[Lane, bool], busy: dict[Lane, int]) -> Lane | None:
        """The lane that may start a run now, given which lanes wait and how many slots each holds."""
        live = waiting["live"] and self.free("live", busy) > 0
        background = waiting["background"] and self.free("background", busy) > 0
        if background and (not live or self._live_starts >= BACKGROUND_EVERY - 1):
            self._live_starts = 0
            return "background"
        if not live:
            return None
        if background:
            self._live_starts += 1
        return "live"
