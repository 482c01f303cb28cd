"""PURE. Nominal times of a schedule that tells none: an arithmetic series from its first run."""

from collections.abc import Iterator, Sequence


def series_from_first(started_ms: Sequence[float], period_ms: int = 1000) -> Iterator[tuple[int, float]]:
    """(nominal, started) of each run of one task, in order.

    The first run is on time by definition, each later one is due a period after the one before it: what drifts is late,
    by more and more. One that has fallen behind by a whole period has skipped an occurrence, as such a schedule makes
    up for nothing: the occurrence is missing, and the next one begins anew in the same series.
    """
    ordered = sorted(started_ms)
    if not ordered:
        return
    anchor, last = ordered[0], -1
    for started in ordered:
        last = max(last + 1, int((started - anchor) // period_ms))
        yield round(anchor) + last * period_ms, started
