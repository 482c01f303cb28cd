"""Any of: several schedules in one. Equal nominal times are one occurrence."""

from functools import cached_property
from typing import Annotated, ClassVar, Final, Self, cast

from pydantic import Field, model_validator

from tasker_core.errors import at_most
from tasker_core.schedules.kinds.merged_times import MergedTimes
from tasker_core.schedules.kinds.options import Recurring
from tasker_core.schedules.kinds.selection import Member
from tasker_core.schedules.kinds.times import OptionalZone, Times, located_errors
from tasker_core.time.wall_times import NEVER

MAX_MEMBERS: Final = 50
_MEMBERS_LISTED: Final = 3


class AnyTimes(Times):
    """Whenever one of the members fires, once where several do. `timezone` is that of members that name none."""

    key: ClassVar[str] = "any"

    any: Annotated[tuple[Member, ...], Field(min_length=1, max_length=MAX_MEMBERS), at_most(MAX_MEMBERS)]
    timezone: OptionalZone = None

    @property
    def singles(self) -> tuple[Times, ...]:
        """The members with all that they leave to the whole."""
        return self._singles

    @cached_property
    def _singles(self) -> tuple[Times, ...]:
        return tuple(member.completed(self.timezone, self._begin) for member in self.any)

    @property
    def _begin(self) -> int:
        """The second to count from that the whole names; -NEVER when it names none."""
        return -NEVER

    @cached_property
    def zone_names(self) -> frozenset[str]:
        """The zones that members follow."""
        completed = (member.completed(self.timezone, -NEVER) for member in self.any)
        return frozenset(name for member in completed if (name := member.zone_name) is not None)

    @property
    def zone_name(self) -> str | None:
        """`timezone`, else the zone of all members that follow one; None when they follow several, or none."""
        return self.timezone or (next(iter(self.zone_names)) if len(self.zone_names) == 1 else None)

    @cached_property
    def _merged(self) -> MergedTimes:
        return MergedTimes(self.singles)

    def next_after(self, after: int) -> int:
        """The first time of any member after `after`."""
        return self._merged.next_after(after)

    def previous_before(self, before: int) -> int:
        """The last time of any member before `before`."""
        return self._merged.previous_before(before)

    def members_at(self, at: int) -> list[int]:
        """Which members have the nominal time `at`, by index."""
        return self._merged.indexes_at(at)

    @property
    def has_hash(self) -> bool:
        """Whether a member has."""
        return any(member.has_hash for member in self.any)

    def in_words(self) -> str:
        """`At 09:00, Monday through Friday, UTC; at 12:00, on Saturday, UTC`."""
        words = [member.in_words() for member in self.singles[:_MEMBERS_LISTED]]
        more = len(self.singles) - len(words)
        rest = [f"and {more} more"] if more else []
        return "; ".join([words[0], *(text[0].lower() + text[1:] for text in words[1:]), *rest])

    def notes(self, after: int | None) -> list[str]:
        """Those of the members, each with its place."""
        return [f"any/{i}: {note}" for i, member in enumerate(self.singles) for note in member.notes(after)]


class AnyOf(Recurring, AnyTimes):
    """Whenever one of the members fires, once where several do.

    `timezone` is that of members that name none, and the clock of `exclude` and of local bounds; without it, the one
    that all members with a zone share. The options are those of Cron, and hold for the whole.
    """

    @model_validator(mode="after")
    def _one_clock(self) -> "AnyOf":
        errors: dict[tuple[str | int, ...], str] = {}
        for index, member in enumerate(self.any):
            if member.key == "at":
                try:
                    self.singles[index].next_after(0)
                except ValueError as error:
                    errors["any", index, "at"] = str(error)
        if self.zone_name is None and len(self.zone_names) > 1:
            for name in ("exclude", "exclude_calendars", "require_calendars"):
                if getattr(self, name):
                    errors[name,] = (
                        "the members follow different clocks; give `timezone`, the one by which this is read"
                    )
        if errors:
            raise located_errors(errors, self.model_dump())
        return self

    @property
    def _begin(self) -> int:
        """`start`."""
        return self.bounds[0]

    @property
    def parts(self) -> tuple[Times, ...]:
        """The members as they are given."""
        return self.any

    def with_parts(self, parts: tuple[Times, ...]) -> Self:
        """The same with other members of the same kinds."""
        # Not a copy: that would keep what was computed of the old members.
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        made = self.model_construct(self.model_fields_set, **fields | {"any": cast("tuple[Member, ...]", parts)})
        return made.under(self.calendar_exclusion)

    def for_task(self, task_id: str) -> Self:
        """The same with the values that each `H` has for a task."""
        return self.with_parts(tuple(part.for_task(task_id) for part in self.any)) if self.has_hash else self
