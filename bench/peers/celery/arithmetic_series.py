"""PURE. Nominal times of a schedule that tells none: an arithmetic series from its first run."""

from collections.abc import Sequence


def series_from_first(started_ms: Sequence[float], period_ms: int = 1000) -> list[tuple[int, float]]:
    """(nominal, started) of each run of one task, in order.

    Each run is due a period after the one before it: what drifts is late, by more and more. One that has fallen behind
    by a whole period has skipped an occurrence, as such a schedule makes up for nothing: the occurrence is missing, and
    the next one begins anew in the same series. The series begins with the first run, or earlier by so much that no run
    is early: of a first run that was slow, the others bear witness.
    """
    ordered = sorted(started_ms)
    if not ordered:
        return []
    slots, last = list[int](), -1
    for started in ordered:
        last = max(last + 1, int((started - ordered[0]) // period_ms))
        slots.append(last)
    begin = min(started - slot * period_ms for slot, started in zip(slots, ordered, strict=True))
    return [(int(begin) + slot * period_ms, started) for slot, started in zip(slots, ordered, strict=True)]
