"""PURE. What came of the faults, as a table."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Final

from tests.chaos.experiment.faults import Fault
from tests.chaos.experiment.recovery import Recovery

GOAL_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """A fault and its recovery. `at`: seconds since the beginning; `load`: the machine's load average after it."""

    fault: Fault
    at: float
    recovery: Recovery
    load: float

    @property
    def is_lost(self) -> bool:
        """Whether not all was on time again while it was waited for."""
        return self.recovery.seconds is None

    @property
    def is_slow(self) -> bool:
        """Whether all was on time again later than is the goal, or never."""
        return self.recovery.seconds is None or self.recovery.seconds > GOAL_SECONDS

    def __str__(self) -> str:
        seconds, late = self.recovery.seconds, self.recovery.late_seconds
        if seconds is None:
            return f"{self.fault}: NOT on time again (load {self.load:.1f})"
        worst = f"{late} seconds late, worst {self.recovery.worst_ms / 1000:.1f} s" if late else "no second late"
        return f"{self.fault}: on time {seconds:.1f} s after its return ({worst}; load {self.load:.1f})"


def table(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """The lines of the table: a row for each kind of fault and target."""
    rows = defaultdict[tuple[str, str], list[Recovery]](list)
    for one in outcomes:
        rows[one.fault.kind, one.fault.target].append(one.recovery)
    yield f"{'fault':<9}{'target':<22}{'times':>6}{'late s':>8}{'worst':>8}   recovery {'p50':>6}{'max':>7}"
    for (kind, target), found in sorted(rows.items()):
        late, worst = max(one.late_seconds for one in found), max(one.worst_ms for one in found) / 1000
        seconds = [float("inf") if one.seconds is None else one.seconds for one in found]
        yield (
            f"{kind:<9}{target:<22}{len(found):>6}{late:>8}{worst:>7.1f}s   "
            f"{'':>9}{median(seconds):>5.1f}s{max(seconds):>6.1f}s"
        )


def slow_ones(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Every recovery that took too long, by name."""
    for one in outcomes:
        if one.is_slow:
            yield f"slower than {GOAL_SECONDS:g} s, at {one.at:.0f} s: {one}"
