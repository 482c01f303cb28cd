"""PURE. How often somebody may do something: so many times a second, and as many at once as in one second."""


class TokenBucket:
    """Holds a token for each request that may come at once; `rate` tokens a second come back."""

    __slots__ = ("_at", "_capacity", "_tokens", "rate")

    def __init__(self, rate: float, now: float) -> None:
        self.rate = rate
        self._capacity = self._tokens = max(1.0, rate)
        self._at = now

    def take(self, now: float) -> float:
        """Take a token at `now` (monotonic seconds). 0 when there was one, else the seconds until there is."""
        self._tokens = min(self._capacity, self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self.rate
