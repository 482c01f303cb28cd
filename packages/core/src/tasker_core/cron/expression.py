"""Cron expressions in a time zone: the instants at which they fire.

Fixed-time expressions (neither wildcard, step nor range in the hour and minute fields) are never lost and never
doubled by a clock change; all others follow elapsed time (cron(8): "jobs that run at a particular time").
"""

from dataclasses import dataclass, field
from functools import lru_cache
from zoneinfo import ZoneInfo

from tasker_core.cron.dialect import parse as parse_fields
from tasker_core.cron.dialect import split
from tasker_core.cron.fields import Fields
from tasker_core.time.wall_times import NEVER as NEVER
from tasker_core.time.wall_times import Fold as Fold
from tasker_core.time.wall_times import Gap as Gap
from tasker_core.time.wall_times import ZonedTimes
from tasker_core.time.zones import zone


@dataclass(frozen=True, slots=True)
class CronExpression:
    """A cron expression in a zone. Instants are epoch seconds; equal when text, zone and options are equal.

    `gap` and `fold` are those of ZonedTimes.
    """

    expression: str
    timezone: str
    gap: Gap
    fold: Fold
    fields: Fields = field(compare=False, repr=False)
    times: ZonedTimes = field(compare=False, repr=False)

    @staticmethod
    def parse(expression: str, timezone: str = "UTC", gap: Gap = "shift", fold: Fold = "first") -> "CronExpression":
        """The expression, parsed once. Raises ValueError saying what is wrong and the way out."""
        return _parsed(expression, timezone, gap, fold)

    @property
    def zone(self) -> ZoneInfo:
        """The zone at whose clock it is read."""
        return self.times.zone

    @property
    def follows_elapsed_time(self) -> bool:
        """Whether it is interval-like: `gap` and `fold` make no difference to it."""
        return self.times.follows_elapsed_time

    def next_after(self, after: int) -> int:
        """The smallest instant strictly after `after` (and not before 1970); NEVER when none comes before 2200."""
        return self.times.next_after(after)

    def previous_before(self, before: int) -> int:
        """The greatest instant strictly before `before`; -NEVER when there is none since 1970."""
        return self.times.previous_before(before)


@lru_cache(maxsize=65_536)
def _parsed(expression: str, timezone: str, gap: Gap, fold: Fold) -> CronExpression:
    fields = parse_fields(expression)
    _, minute, hour, *_ = split(expression)
    interval_like = any(sign in hour + minute for sign in "*-/")
    times = ZonedTimes(fields, zone(timezone), gap, fold, interval_like)
    return CronExpression(expression, timezone, gap, fold, fields, times)
