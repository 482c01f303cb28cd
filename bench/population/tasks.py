"""The tasks of a population: the messages that define them, always the same ones for the same number and time."""

from functools import lru_cache
from typing import Any, Final, NamedTuple, cast

import msgspec
from msgspec import UNSET, Raw
from pydantic import TypeAdapter

from bench.population.schedules import DAY, schedule_of
from tasker_core.messages.base import encode
from tasker_core.messages.verdicts import Missed, Verdict
from tasker_core.schedules.occurrences import NothingUntil, search, search_back
from tasker_core.schedules.schedule import NEVER, Schedule, for_task
from tasker_core.ticker_state import AcceptedTask, Pause
from tasker_core.time.instant import rfc3339_second

TEAMS: Final = ("billing", "logistics", "marketing", "payments", "research", "support", "warehouse", "platform")
ENVIRONMENTS: Final = ("production", "production", "production", "staging")
RARE_TAG, RARE_EVERY, RARE_NUMBER = "pilot", 10_000, 7
VERBS: Final = ("Export", "Import", "Sync", "Archive", "Reconcile", "Notify", "Rebuild", "Check", "Purge", "Refresh")
THINGS: Final = (
    "invoices",
    "orders",
    "customers",
    "stock levels",
    "price lists",
    "sessions",
    "search index",
    "reports",
)
HANDLERS: Final = ("http", "http", "http", "curl", "curl", "default", "default", "kafka", "http", "default")
PAUSERS: Final = ("ann@example.com", "bob@example.com", "tasker")
_ROUNDING: Final = 300
_SCHEDULE: Final[TypeAdapter[Schedule]] = TypeAdapter(Schedule)


class MadeTask(NamedTuple):
    """A task of a population. `since` is the epoch second of its creation."""

    number: int
    accepted: AcceptedTask
    schedule: Schedule
    since: int
    is_over: bool

    @property
    def version(self) -> int:
        """Of the definition that stands; that of the one before, if there was one, is one less."""
        return 2 * self.number + 2

    @property
    def generation(self) -> int:
        """The version that created it."""
        return self.version - self.was_edited

    @property
    def was_edited(self) -> bool:
        """Every fifth was."""
        return self.number % 5 == 0


def task_of(number: int, now: int) -> MadeTask:
    """The task of this number as it is at `now` (epoch seconds)."""
    team, own = TEAMS[number * 5 % len(TEAMS)], number * 2_654_435_761 % 2**32
    task_id = f"{team}-{own:08x}-{number}"
    made = schedule_of(number, now)
    text, schedule = _known(msgspec.json.encode(made.fields).decode())
    verb, thing = VERBS[own // 11 % len(VERBS)], THINGS[own // 113 % len(THINGS)]
    tags = [team, ENVIRONMENTS[own // 17 % 4], *([RARE_TAG] if number % RARE_EVERY == RARE_NUMBER else [])]
    paused, since = own % 33 == 0 and not made.is_over, now - (26 + own % 100) * DAY
    by = PAUSERS[0 if number % RARE_EVERY == RARE_NUMBER else 1 + own // 33 % 2]
    pause = Pause(at=rfc3339_second(now - DAY), by=by, note="maintenance") if paused else UNSET
    accepted = AcceptedTask(
        id=task_id,
        name=f"{verb} {thing} of {team} {number}",
        description=f"{verb}s the {thing} for {team}.",
        tags=Raw(msgspec.json.encode(tags)),
        schedule=Raw(text),
        handler=HANDLERS[own // 7 % len(HANDLERS)],
        payload=Raw(msgspec.json.encode({"url": f"https://{team}.example.com/jobs/{own:08x}", "method": "POST"})),
        paused=paused,
        pause=pause,
    )
    return MadeTask(number, accepted, for_task(schedule, task_id), since, made.is_over)


def definitions(task: MadeTask, now: int) -> list[Verdict]:
    """The verdicts on what has been put."""
    paused = task.accepted.paused
    following = None if paused or task.is_over else next_nominal(task.schedule, now)
    puts = [(task.version, task.accepted)]
    if task.was_edited:
        puts.insert(0, (task.generation, msgspec.structs.replace(task.accepted, name="First draft", tags=Raw(b"[]"))))
    return [
        Verdict(
            event_id=f"put-{task.accepted.id}-{version}",
            event_type="put",
            task_id=task.accepted.id,
            verdict="accepted",
            generation=task.generation,
            version=version,
            actor="ann@example.com" if task.number % 3 else None,
            channel="rest" if task.number % 3 else "kafka",
            effective_from=rfc3339_second(task.since + DAY * (version - task.generation)),
            task=Raw(encode(accepted)),
            next_at=None if following is None else rfc3339_second(following),
        )
        for version, accepted in puts
    ]


def missed_range(task: MadeTask, now: int) -> Missed | None:
    """What every tenth task missed in an outage."""
    if task.number % 10 != 3 or task.is_over:
        return None
    last = last_nominal(task.schedule, now - task.number % 20 * DAY)
    first = last if last is None else last_nominal(task.schedule, last - 7_200)
    if first is None or last is None:
        return None
    made: dict[str, Any] = {"generation": task.generation, "version": task.version, "reason": "coalesced"}
    return Missed(task_id=task.accepted.id, from_=rfc3339_second(first), to=rfc3339_second(last), **made)


def next_nominal(schedule: Schedule, after: int) -> int | None:
    """The next nominal time; None when there is none, or it takes long to find."""
    found = search(schedule, after)
    return None if isinstance(found, NothingUntil) or found.nominal == NEVER else found.nominal


def last_nominal(schedule: Schedule, before: int) -> int | None:
    """The last nominal time before an instant, which is rounded down so that many tasks ask the same."""
    return _last_nominal(cast("Any", schedule), before // _ROUNDING * _ROUNDING)


@lru_cache(maxsize=50_000)
def _last_nominal(schedule: Schedule, before: int) -> int | None:
    found = search_back(schedule, before)
    return None if isinstance(found, NothingUntil) or found.nominal == -NEVER else found.nominal


@lru_cache(maxsize=50_000)
def _known(fields: str) -> tuple[bytes, Schedule]:
    schedule = _SCHEDULE.validate_json(fields)
    return schedule.model_dump_json(exclude_none=True).encode(), schedule
