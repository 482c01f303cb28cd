"""PURE. How a handler reports that its attempt goes on elsewhere, and ends by a callback."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AwaitedCallback:
    """The attempt ends when its callback reports so, at the latest at `deadline` (epoch seconds)."""

    deadline: int
