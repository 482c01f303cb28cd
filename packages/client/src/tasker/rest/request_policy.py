"""PURE. Which answers are asked for again, and after how long."""

from dataclasses import dataclass
from typing import Final

BUSY: Final = frozenset({429, 502, 503, 504})
"""What passes: too many requests, a backend or the API itself is away."""


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """How long a request is tried: `retries` times after the first one, at most `max_pause` seconds apart.

    `decision_seconds`: how long a change that was taken may wait for its verdict.
    """

    retries: int = 4
    first_pause: float = 0.2
    max_pause: float = 10.0
    decision_seconds: float = 30.0

    def pause(self, failures: int, retry_after: str | None = None) -> float | None:
        """Seconds until the next try after so many failures (from 1); None to give up.

        `retry_after` is the header of an answer (RFC 9110, in seconds); who asks for longer than `max_pause` is not
        waited for.
        """
        if failures > self.retries:
            return None
        asked = float(retry_after) if retry_after is not None and retry_after.isdecimal() else 0.0
        if asked > self.max_pause:
            return None
        return max(asked, min(self.first_pause * 2.0 ** (failures - 1), self.max_pause))
