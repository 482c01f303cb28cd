"""PURE. The two lanes, and whose turn it is: live first, the background with a share that nobody can take away."""

from dataclasses import dataclass
from typing import Literal

Lane = Literal["live", "background"]
LANES: tuple[Lane, Lane] = ("live", "background")
EVERY = 8
"""When both lanes wait, one in this many starts is the background's."""


def background_share(of: int) -> int:
    """The part of the background: half, but one at least."""
    return max(1, of // 2)


@dataclass(slots=True)
class Turns:
    """Hands out `size` slots. The background holds at most half of them (one, if there is only one)."""

    size: int
    _since_background: int = 0

    def free(self, lane: Lane, busy: dict[Lane, int]) -> int:
        """How many slots are free for a lane, given how many runs each has under way."""
        free = self.size - busy["live"] - busy["background"]
        return free if lane == "live" else min(free, background_share(self.size) - busy["background"])

    def next(self, waiting: dict[Lane, bool], busy: dict[Lane, int]) -> Lane | None:
        """The lane that may start a run now, given which ones wait and how many runs each has under way."""
        live = waiting["live"] and self.free("live", busy) > 0
        background = waiting["background"] and self.free("background", busy) > 0
        if background and (not live or self._since_background >= EVERY - 1):
            self._since_background = 0
            return "background"
        if not live:
            return None
        if background:
            self._since_background += 1
        return "live"
