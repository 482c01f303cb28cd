"""What every kind of schedule can be asked, with and without its options. Instants are epoch seconds."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from tasker_core.calendars.calendar_days import CalendarDays
from tasker_core.schedules.exclusion import Exclusion
from tasker_core.time.wall_times import NEVER, ZonedTimes
from tasker_core.time.zones import DAY, zone

ALL_DAY: Final = (1 << DAY) - 1
"""All seconds of a day, as bits."""


class Times(BaseModel, ABC):
    """The times of a schedule, whatever its options make of them.

    Where they depend on something that is not known yet (an anchor, the task of an `H`), asking raises ValueError.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    key: ClassVar[str]
    """The field that tells the kind."""

    @abstractmethod
    def next_after(self, after: int) -> int:
        """The smallest nominal second strictly after `after`; NEVER when none is left."""

    @abstractmethod
    def previous_before(self, before: int) -> int:
        """The greatest nominal second strictly before `before`; -NEVER when there is none."""

    def times_of_day(self, midnight: int) -> int:
        """The seconds of the day from the instant `midnight` on at which it may fire, as bits.

        That is a day at the schedule's own clock without any change of it.
        """
        return ALL_DAY

    def times_of_days(self, midnight: int) -> int:
        """The same of all days between two changes of the schedule's own clock, as if each had begun like this one."""
        return self.times_of_day(midnight)

    @abstractmethod
    def in_words(self) -> str:
        """A sentence such as "At 09:00, Monday through Friday, Europe/Berlin"."""

    @property
    def singles(self) -> "tuple[Times, ...]":
        """The single schedules that it joins, with all that they leave to the whole; itself when it is one."""
        return (self,)

    @property
    def zone_name(self) -> str | None:
        """The zone whose clock it follows; None when it follows none."""
        return None

    @property
    def zoned_times(self) -> ZonedTimes | None:
        """Its times across clock changes; None where these make no difference to it, or it joins several."""
        return None

    @property
    def has_hash(self) -> bool:
        """Whether it has an `H`, whose values come from the task's id."""
        return False

    def for_task(self, task_id: str) -> Self:
        """The same with the values that `H` has for a task."""
        return self

    def completed(self, timezone: str | None, start: int) -> Self:
        """The same with what it leaves to the schedule around it: the zone, and the second to count from.

        `start` is -NEVER when there is none.
        """
        return self

    def notes(self, after: int | None) -> list[str]:
        """What a user might not expect, one sentence each; with dates after `after` when that is given."""
        return []

    def members_at(self, at: int) -> list[int] | None:
        """Which of its members have the nominal time `at`, by index; None when it has no members."""
        return None


class ScheduleKind(Times):
    """A schedule: its times, and what its options say. Here are those of a schedule that has none."""

    is_one_time: ClassVar[bool] = False
    """Whether it names a single instant."""
    is_manual: ClassVar[bool] = False
    """Whether it has no times of its own, so that its task is never finished."""

    @property
    def bounds(self) -> tuple[int, int]:
        """The first and the last second at which an occurrence may lie: `start` and `end`, -NEVER and NEVER without."""
        return -NEVER, NEVER

    @property
    def exclusion(self) -> Exclusion | None:
        """What is left out; None when nothing is."""
        return None

    @property
    def calendar_names(self) -> tuple[str, ...]:
        """The calendars whose days decide whether it fires."""
        return ()

    def with_calendars(self, days: Mapping[str, CalendarDays]) -> Self:
        """The same with the days of its calendars, by their names: until then, asking for times raises ValueError."""
        return self

    @property
    def run_limit(self) -> int | None:
        """How many scheduled runs it has at most."""
        return None

    @property
    def spread_seconds(self) -> int:
        """The window of `spread` in seconds, 0 without."""
        return 0

    @property
    def clock(self) -> ZoneInfo:
        """Its own clock, by which `exclude` and local bounds are read: UTC when it follows none."""
        return zone(self.zone_name or "UTC")

    @property
    def parts(self) -> tuple[Times, ...]:
        """The schedules that it joins; itself when it is single."""
        return (self,)

    def with_parts(self, parts: tuple[Times, ...]) -> Self:
        """The same of other parts of the same kinds."""
        [part] = parts
        assert isinstance(part, type(self)), "a part keeps its kind"
        return part


def _known_zone(name: str) -> str:
    zone(name)
    return name


def _is_none(value: object) -> bool:
    return value is None


ZoneName = Annotated[str, AfterValidator(_known_zone)]
"""The name of a time zone. Raises ValueError with the closest ones when there is none of that name."""
OptionalZone = Annotated[ZoneName | None, Field(exclude_if=_is_none)]
OptionalAnchor = Annotated[str | None, Field(exclude_if=_is_none)]
"""What is left out stays left out: it is not written as null."""


def located_errors(messages: Mapping[tuple[str | int, ...], str], given: object) -> ValidationError:
    """An error with a message at each of the places, from the schedule."""
    details = [
        InitErrorDetails(
            type=PydanticCustomError("schedule", "{message}", {"message": message}),
            loc=place,
            input=_at(given, place),
        )
        for place, message in messages.items()
    ]
    return ValidationError.from_exception_data("schedule", details)


def _at(given: Any, place: tuple[str | int, ...]) -> Any:
    for step in place:
        given = given[step]
    return given
