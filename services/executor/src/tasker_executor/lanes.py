"""PURE. The two lanes, and whose turn it is: live first, the background with a share that nobody can take away."""

from dataclasses import dataclass
from typing import Literal

Lane = Literal["live", "background"]
LANES: tuple[Lane, Lane] = ("live", "background")
EVERY = 8
"""When both lanes wait, one in this many starts is the background's."""


@dataclass(slots=True)
class Turns:
    """Hands out `size` slots. The background holds at most half of them (one, if there is only one)."""

    size: int
    _since_background: int = 0

    def next(self, waiting: dict[Lane, bool], busy: dict[Lane, int]) -> Lane | None:
        """The lane that may start a run now, given which ones wait and how many runs each has under way."""
        if busy["live"] + busy["background"] >= self.size:
            return None
        background = waiting["background"] and busy["background"] < max(1, self.size // 2)
        if background and (not waiting["live"] or self._since_background >= EVERY - 1):
            self._since_background = 0
            return "background"
        if not waiting["live"]:
            return None
        if background:
            self._since_background += 1
        return "live"
