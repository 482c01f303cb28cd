"""PURE. How well the promise was kept, in plain words."""

from collections.abc import Mapping
from math import floor
from typing import Final

from tasker_core.statistics.first_attempt import Stage
from tasker_core.statistics.run_statistics import RunStatistics

SLOW: Final[Mapping[Stage, str]] = {
    "emission": "from due to emitted by the ticker",
    "delivery": "from emitted to received by an executor",
    "waiting": "from received to started: waiting for a free slot, or for another run of the task",
    "execution": "the handler itself, which is not part of the promise",
    "logging": "from finished to written to the log",
}
_LOST: Final[Mapping[str, str]] = {
    "emission": "before the ticker emitted them (it was away or overloaded)",
    "delivery": "between the ticker and an executor (none was there, or all were busy)",
    "waiting": "in an executor, waiting for a free slot or for another run of the task",
    "logging": "between their end and the log (the log sink or MongoDB was away or overloaded)",
}


def percent(share: float) -> str:
    """Two digits, cut off: `100 %` is all of them."""
    return f"{floor(share * 10_000 + 1e-9) / 100:g} %"


def duration_text(ms: float) -> str:
    """In the unit that people would use."""
    if ms < 1_000:
        return f"{ms:.0f} ms"
    if ms < 120_000:
        return f"{ms / 1000:.1f} s"
    return f"{ms / 60_000:.0f} min" if ms < 7_200_000 else f"{ms / 3_600_000:.1f} h"


def promise_text(found: RunStatistics, missed: Mapping[str, int]) -> str:
    """Some sentences: how many were in time, where the others lost it, and what did not run at all."""
    sentences = [_kept(found), *_lost(found)]
    if number := sum(missed.values()):
        reasons = ", ".join(f"{one} {reason}" for reason, one in sorted(missed.items()))
        some = "1 range" if number == 1 else f"{number:,} ranges"
        sentences.append(f"Beside these, {some} of occurrences did not run at all ({reasons}).")
    return " ".join(sentences)


def _kept(found: RunStatistics) -> str:
    late, lateness = found.promised - found.kept, found.measures["lateness"]
    if not found.promised:
        return "No scheduled run that was due then has ended."
    p99 = duration_text(lateness.percentile(0.99) or 0)
    if not late:
        some = "The one scheduled run was" if found.promised == 1 else f"All {found.promised:,} scheduled runs were"
        in_time = f"the slowest after {duration_text(lateness.worst)}"
        in_time = in_time if found.promised == 1 else f"99 % of them within {p99}, {in_time}"
        return f"{some} executed and logged within 10 s of when they were due: {in_time}."
    last = "after" if late == 1 else "the last of them after"
    return (
        f"{percent(found.kept / found.promised)} of {found.promised:,} scheduled runs were executed and logged within "
        f"10 s of when they were due; {late:,} came later, {last} {duration_text(lateness.worst)}."
    )


def _lost(found: RunStatistics) -> list[str]:
    late = found.promised - found.kept
    most = sorted(found.broken.items(), key=lambda one: -one[1])
    sentences = [f"{_number(number, late)} lost most of that time {_LOST[stage]}." for stage, number in most if number]
    if found.recovered:
        sentences.append(f"{found.recovered:,} were emitted late, after an outage.")
    return sentences


def _number(number: int, late: int) -> str:
    if number == late:
        return "It" if late == 1 else "All of these"
    return f"{number:,} of these"
