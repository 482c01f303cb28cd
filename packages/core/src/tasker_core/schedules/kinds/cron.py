"""Cron: an expression in a time zone."""

from typing import ClassVar, Self

from pydantic import field_validator

from tasker_core.cron.description import describe_expression
from tasker_core.cron.dialect import check
from tasker_core.cron.expression import CronExpression
from tasker_core.cron.hashes import has_hash, resolve_hashes
from tasker_core.cron.notes import notes_on
from tasker_core.cron.pasted_line import pasted_line
from tasker_core.schedules.kinds.options import Recurring
from tasker_core.schedules.kinds.times import OptionalZone, Times, ZoneName
from tasker_core.time.wall_times import Fold, Gap, ZonedTimes


class CronTimes(Times):
    """A cron expression in a time zone (docs/schedules.md). `gap` and `fold` decide what a clock change does to it."""

    key: ClassVar[str] = "cron"

    cron: str
    timezone: OptionalZone = None
    gap: Gap = "shift"
    fold: Fold = "first"

    @field_validator("cron")
    @classmethod
    def _understood(cls, value: str) -> str:
        try:
            check(value)
        except ValueError as error:
            raise pasted_line(value) or error from None
        return value

    @property
    def has_hash(self) -> bool:
        """Whether a field of it is `H`."""
        return has_hash(self.cron)

    def for_task(self, task_id: str) -> Self:
        """The same with the task's own values of `H`. Raises ValueError where these leave no date."""
        resolved = resolve_hashes(self.cron, task_id)
        check(resolved)
        return self.model_copy(update={"cron": resolved}) if self.has_hash else self

    @property
    def expression(self) -> CronExpression:
        """The parsed expression."""
        return CronExpression.parse(self.cron, self.zone_name, self.gap, self.fold)

    @property
    def zone_name(self) -> str:
        """`timezone`, UTC without."""
        return self.timezone or "UTC"

    @property
    def zoned_times(self) -> ZonedTimes | None:
        """Its times across clock changes; None where it fires at the same minutes of all hours."""
        expression = self.expression
        return None if expression.follows_elapsed_time and expression.fields.every_hour else expression.times

    def next_after(self, after: int) -> int:
        """The first match after `after`."""
        return self.expression.next_after(after)

    def previous_before(self, before: int) -> int:
        """The last match before `before`."""
        return self.expression.previous_before(before)

    def times_of_day(self, midnight: int) -> int:
        """The times that hour, minute and second match."""
        return self.expression.fields.times

    def completed(self, timezone: str | None, start: int) -> "CronTimes":
        """The same with a zone, if it names none."""
        if timezone is None or self.timezone is not None:
            return self
        return self.model_copy(update={"timezone": timezone})

    def in_words(self) -> str:
        """`At 09:00, Monday through Friday, Europe/Berlin`."""
        return f"{describe_expression(self.cron)}, {self.zone_name}"

    def notes(self, after: int | None) -> list[str]:
        """What is not as in other dialects, and options that make no difference."""
        found = notes_on(self.cron)
        if self.has_hash:
            return found
        if self.expression.fields.days.either:
            found.append("day-of-month and weekday are both restricted: a day matches if either does")
        if self.expression.follows_elapsed_time and (self.gap, self.fold) != ("shift", "first"):
            found.append(
                "gap and fold make no difference here: an expression with *, - or / in minute or hour follows elapsed "
                "time"
            )
        return found


class Cron(Recurring, CronTimes):
    """A cron expression in a time zone (docs/schedules.md). `gap` and `fold` decide what a clock change does to it.

    `start` and `end` are inclusive, with an offset or at the clock of `timezone`; `max_runs` counts scheduled runs;
    `exclude` holds dates, ranges of dates and cron expressions; `spread` is a window in which the task has its place.
    """

    timezone: ZoneName = "UTC"  # pyright: ignore[reportIncompatibleVariableOverride] -- only members leave it out
