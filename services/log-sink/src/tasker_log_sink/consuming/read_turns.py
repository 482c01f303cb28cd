"""PURE. Whose turn it is to be read: the urgent topic's, or that of the others."""

from typing import Final

REST: Final = 7
"""Others get an eighth of the time while there is always more of the urgent topic: what they took, seven times as long
they wait then."""


class ReadTurns:
    """Told the time in seconds at each reading."""

    def __init__(self) -> None:
        self._others_since: float | None = None
        self._others_from = 0.0

    def is_urgent(self, now: float) -> bool:
        """Whether what is read now shall be of the urgent topic; what was read before is handled."""
        if self._others_since is not None:
            self._others_from = now + REST * (now - self._others_since)
            self._others_since = None
        return now < self._others_from

    def note_others(self, now: float) -> None:
        """Others were read now."""
        self._others_since = now
