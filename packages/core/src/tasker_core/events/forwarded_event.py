"""Events that came on the wrong partition: where they were first appended travels with them, in headers.

The ticker that finds such an event sends it on to the partition of its task; what counts is the first append.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

APPENDED: Final = "tasker_appended_ms"
PARTITION: Final = "tasker_partition"
OFFSET: Final = "tasker_offset"

_NAMES: Final = (APPENDED, PARTITION, OFFSET)
_MAX_DIGITS: Final = 18

Headers = Sequence[tuple[str, bytes]]


class AppendPosition(NamedTuple):
    """Where and when (epoch milliseconds, by the broker) an event was first appended. Orders as the events do."""

    ms: int
    partition: int
    offset: int

    @property
    def event_id(self) -> str:
        """The id of an event that bears none: `<partition>-<offset>` of its first append."""
        return f"{self.partition}-{self.offset}"


def forwarded_headers(headers: Iterable[tuple[str, bytes]], appended: AppendPosition) -> list[tuple[str, bytes]]:
    """The headers of an event that is sent on, with its origin. One that was sent on before keeps its first origin."""
    known = list(headers)
    first = origin_of(known) or appended
    kept = [(name, value) for name, value in known if name not in _NAMES]
    return [*kept, *((name, str(number).encode()) for name, number in zip(_NAMES, first, strict=True))]


def origin_of(headers: Iterable[tuple[str, bytes]]) -> AppendPosition | None:
    """Where a forwarded event was first appended; None for one that was not forwarded, or whose headers are broken."""
    found = {name: value for name, value in headers if name in _NAMES}
    numbers = [found.get(name, b"") for name in _NAMES]
    if not all(number.isdigit() and len(number) <= _MAX_DIGITS for number in numbers):
        return None
    return AppendPosition(*(int(number) for number in numbers))
