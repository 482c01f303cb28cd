"""PURE. The buckets of a forecast. Instants are epoch seconds."""

from typing import Final, NamedTuple

from tasker_core.errors import FieldError, InvalidInput
from tasker_core.time.zones import DAY

MAX_BUCKETS: Final = 1_500
MAX_DAYS: Final = 62
_USUAL_BUCKETS: Final = 300
_WIDTHS: Final = (1, 5, 10, 30, 60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, DAY)


class Window(NamedTuple):
    """The instants start ≤ t < end, in buckets of `width` seconds from `start` on. What is before `now` is over."""

    start: int
    end: int
    width: int
    now: int

    @property
    def buckets(self) -> int:
        """How many buckets there are; the last one may be cut short."""
        return -(-(self.end - self.start) // self.width)

    @property
    def first(self) -> int:
        """The first instant that is still to come."""
        return max(self.start, self.now)

    def bucket(self, at: int) -> int:
        """The index of the bucket of an instant of the window."""
        return (at - self.start) // self.width

    def begin(self, bucket: int) -> int:
        """The first instant of a bucket."""
        return self.start + bucket * self.width


def window(start: int | None, end: int | None, width: int | None, now: int) -> Window:
    """The window that is asked for: by default the day from now on, in buckets that show it well.

    Without `start` it begins with the bucket that holds `now`. Raises InvalidInput.
    """
    begin = now if start is None else start
    until = begin + DAY if end is None else end
    if until <= begin:
        raise _wrong("to", "is not after `from`; give a later one")
    if until <= now:
        raise _wrong("to", "is in the past, and only runs that come are told; give a later one")
    if until - begin > MAX_DAYS * DAY:
        raise _wrong("to", f"is more than {MAX_DAYS} days after `from`; ask for a part of it")
    if width is None:
        width = next(one for one in _WIDTHS if until - begin <= one * _USUAL_BUCKETS or one == DAY)
    if start is None:
        begin = begin // width * width
    found = Window(begin, until, width, now)
    if found.buckets > MAX_BUCKETS:
        raise _wrong("bucket", f"makes {found.buckets} buckets, at most {MAX_BUCKETS} are told; give a longer one")
    return found


def _wrong(name: str, message: str) -> InvalidInput:
    return InvalidInput([FieldError(pointer=f"/query/{name}", message=message)])
