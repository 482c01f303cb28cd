"""PURE. Whose turn it is to be read, the urgent topic's or that of the others."""

from typing import Final

WAIT_PER_READ: Final = 7.0
MAX_WAIT_SECONDS: Final = 1.5
"""What a read of the others took, seven times as long they wait then while there is always more of the urgent topic;
but no longer than this: whoever sends a command waits 2 s for its verdict."""
OTHERS_AT_ONCE: Final = 500
"""So many of the others are read at once: something urgent may come meanwhile, which waits for them; and a transaction
that writes some thousand tasks with all of their indexes MongoDB rolls back for its cache's sake, again and again."""


class ReadTurns:
    """Told the time in seconds at each reading; between two of them what was read is handled."""

    def __init__(self) -> None:
        self._others_read_at: float | None = None
        self._urgents_until = 0.0

    def is_urgents(self, now: float) -> bool:
        """Whether the urgent topic is to be read first now."""
        if (since := self._others_read_at) is not None:
            self._urgents_until = now + min(MAX_WAIT_SECONDS, WAIT_PER_READ * (now - since))
            self._others_read_at = None
        return now < self._urgents_until

    def note_others_read(self, now: float) -> None:
        """Records of the others are handled from now on."""
        self._others_read_at = now
