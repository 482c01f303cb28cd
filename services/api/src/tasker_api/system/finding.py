"""PURE. One thing that is wrong with the system, what several amount to, and how sizes and times are written in it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

Severity = Literal["red", "yellow"]
State = Literal["green", "yellow", "red"]
OPERATIONS: Final = "docs/operations.md"


class Finding(NamedTuple):
    """One thing that is wrong. `text` says what and why, `action` what to do."""

    severity: Severity
    component: str
    text: str
    action: str
    partition: int | None = None


def state_of(findings: Sequence[Finding]) -> State:
    """Red while anything is red."""
    if not findings:
        return "green"
    return "red" if any(one.severity == "red" for one in findings) else "yellow"


def duration(seconds: float) -> str:
    """A length of time in the largest unit in which it has two digits or so."""
    for unit, name in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s"


def clock(at: datetime) -> str:
    """A time for people, in UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
