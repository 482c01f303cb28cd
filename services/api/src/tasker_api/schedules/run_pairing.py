"""PURE. Which of the runs of one schedule are those of another one, moved.

Times that both have are the same runs. Between two of these (a slot) a time that goes and one that comes are one run
that moves if they are the only ones of their local day, or else if each is the other's nearest, with no run of both
schedules nearer to one of them, and none of those moves lies between: of two as near the later one for what goes, the
earlier one for what comes. All others are removed and added. So daily runs of another hour move by day, one more run a
day is added, and where a clock change takes one away, it isn't taken for one that comes the day after.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple


class Move(NamedTuple):
    """A run and where it comes to lie: instants in epoch seconds."""

    before: int
    after: int


class Pairing(NamedTuple):
    """What becomes of runs; each list ascends."""

    unchanged: list[int]
    moved: list[Move]
    removed: list[int]
    added: list[int]


def paired(before: Sequence[int], after: Sequence[int], day_of: Callable[[int], int]) -> Pairing:
    """Pair ascending times. `day_of`: the number of the local day of an instant."""
    unchanged = sorted(set(before) & set(after))
    moved, removed, added = list[Move](), list[int](), list[int]()
    for gone, new in _slots(before, after, unchanged):
        if not gone or not new:
            removed += gone
            added += new
            continue
        by_day = sorted(_only_of_their_day(gone, new, day_of))
        found = [*by_day, *(m for m in _nearest_between(by_day, gone, new) if not _has_nearer(m, unchanged))]
        moved += sorted(found)
        removed += _without(gone, (m.before for m in found))
        added += _without(new, (m.after for m in found))
    return Pairing(unchanged, moved, removed, added)


def _slots(
    before: Sequence[int], after: Sequence[int], unchanged: Sequence[int]
) -> Iterable[tuple[Sequence[int], Sequence[int]]]:
    begin_before = begin_after = 0
    for at in unchanged:
        end_before, end_after = bisect_left(before, at, begin_before), bisect_left(after, at, begin_after)
        if end_before > begin_before or end_after > begin_after:
            yield before[begin_before:end_before], after[begin_after:end_after]
        begin_before, begin_after = end_before + 1, end_after + 1
    yield before[begin_before:], after[begin_after:]


def _only_of_their_day(gone: Sequence[int], new: Sequence[int], day_of: Callable[[int], int]) -> list[Move]:
    alone, others = _alone(gone, day_of), _alone(new, day_of)
    return [Move(at, others[day]) for day, at in alone.items() if day in others]


def _alone(times: Sequence[int], day_of: Callable[[int], int]) -> dict[int, int]:
    """By day the time of it where it has one only."""
    found: dict[int, int] = {}
    several: set[int] = set()
    for at in times:
        day = day_of(at)
        if found.setdefault(day, at) != at:
            several.add(day)
    return {day: at for day, at in found.items() if day not in several}


def _nearest_between(moves: Sequence[Move], gone: Sequence[int], new: Sequence[int]) -> list[Move]:
    """The nearest pairs that cross none of these moves."""
    befores, afters = [move.before for move in moves], [move.after for move in moves]
    ends_gone = [*(bisect_left(gone, at) for at in befores), len(gone)]
    ends_new = [*(bisect_left(new, at) for at in afters), len(new)]
    begin_gone = begin_new = 0
    found: list[Move] = []
    for end_gone, end_new in zip(ends_gone, ends_new, strict=True):
        found += _nearest(gone[begin_gone:end_gone], new[begin_new:end_new])
        begin_gone, begin_new = end_gone + 1, end_new + 1
    return found


def _nearest(gone: Sequence[int], new: Sequence[int]) -> list[Move]:
    if not gone or not new:
        return []
    nearest = [_nearest_to(at, new, later=True) for at in gone]
    return [Move(at, to) for at, to in zip(gone, nearest, strict=True) if _nearest_to(to, gone, later=False) == at]


def _nearest_to(at: int, times: Sequence[int], *, later: bool) -> int:
    """Of two as near the later or the earlier one."""
    right = bisect_right(times, at)
    if right == 0:
        return times[0]
    if right == len(times):
        return times[-1]
    low, high = at - times[right - 1], times[right] - at
    return times[right] if high < low or (later and high == low) else times[right - 1]


def _has_nearer(move: Move, unchanged: Sequence[int]) -> bool:
    distance = abs(move.after - move.before)
    return any(abs(_nearest_to(at, unchanged, later=True) - at) < distance for at in move if unchanged)


def _without(times: Sequence[int], some: Iterable[int]) -> list[int]:
    left_out = set(some)
    return [at for at in times if at not in left_out]
