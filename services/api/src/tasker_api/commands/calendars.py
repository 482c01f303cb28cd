"""Save and delete calendars, and what other days would do."""

import asyncio
import hashlib
from typing import Any, Final, NamedTuple

from tasker_api.api_context import ApiContext
from tasker_api.calendars.calendar_diff import CalendarEffect, DiffWork, changed_days, schedule_diff
from tasker_api.calendars.icalendar_import import ImportedDays, UnreadableFile, import_days
from tasker_api.commands.command_builder import CommandBuilder
from tasker_api.conversion.calendars import import_report
from tasker_api.conversion.schedules import schedule_of_task, stored_schedule
from tasker_api.problems import Problem
from tasker_api.queries.calendars import MAX_GROUPS, ScheduleGroup
from tasker_api.schemas.calendars import CalendarDiff, ImportReport, ScheduleEffect
from tasker_core.calendars.calendar import Calendar, parse_calendar
from tasker_core.calendars.calendar_days import CalendarDays, calendar_days, entry_of
from tasker_core.documents.journal import JournalDocument
from tasker_core.errors import FieldError, InvalidInput
from tasker_core.time.instant import from_ms
from tasker_core.time.zones import DAY

SHOWN: Final = 50
"""So many effects, and days, are told."""
USERS_NAMED: Final = 5


class SentCalendar(NamedTuple):
    """A calendar as it was sent; of a file, what was taken of it. `digest` names what was sent."""

    calendar: Calendar
    imported: ImportReport | None
    digest: str


def sent_as_json(name: str, body: dict[str, Any]) -> SentCalendar:
    """The calendar that a body describes. Raises InvalidInput."""
    errors: list[FieldError] = []
    if body.get("name", name) != name:
        errors.append(FieldError(pointer="/name", message=f"the path says {name!r}; leave the name out"))
    try:
        calendar = parse_calendar(body | {"name": name})
    except InvalidInput as error:
        own = [one.model_copy(update={"pointer": one.pointer.removeprefix("/calendar")}) for one in error.errors]
        raise InvalidInput([*errors, *own]) from None
    if errors:
        raise InvalidInput(errors)
    return SentCalendar(calendar, None, hashlib.sha256(repr(sorted(body.items())).encode()).hexdigest())


async def sent_as_file(context: ApiContext, name: str, content: bytes, *, timed: bool) -> SentCalendar:
    """The calendar of an iCalendar file. Raises Problem (400)."""
    today = from_ms(context.clock.now_ms()).date()
    try:
        # It may take half a second, in which others are answered.
        found: ImportedDays = await asyncio.to_thread(import_days, content, today, timed=timed)
    except UnreadableFile as error:
        wrong = FieldError(pointer="", message=str(error))
        raise Problem(400, f"the file can't be taken: {error}", [wrong]) from None
    description = "".join(one for one in found.name if one.isprintable())[:200]
    calendar = parse_calendar({"name": name, "description": description, "days": found.entries})
    return SentCalendar(calendar, import_report(found), hashlib.sha256(content + bytes([timed])).hexdigest())


async def put(builder: CommandBuilder, sent: SentCalendar, if_version: int | None) -> JournalDocument:
    """Create or replace a calendar. Raises Problem or VerdictPending."""
    data = {"calendar": sent.calendar.model_dump(mode="json")}
    return await builder.execute("calendar", sent.calendar.name, data, if_version, request=sent.digest)


async def delete(context: ApiContext, builder: CommandBuilder, name: str, if_version: int | None) -> JournalDocument:
    """Delete a calendar that no task uses. Raises Problem (409 with some of those that do) or VerdictPending."""
    earlier = await builder.earlier_verdict("calendar-delete", name, {"calendar": name})
    if earlier is not None:
        return earlier
    users, more = await context.calendars.tasks(name, USERS_NAMED, None)
    if users:
        count = (await context.calendars.counts(name, 0)).tasks if more else len(users)
        named = ", ".join(task["_id"] for task in users) + (", …" if more else "")
        what = "1 task uses" if count == 1 else f"{count:,} tasks use"
        raise Problem(
            409,
            f"{what} the calendar {name!r} ({named}): change or delete {'it' if count == 1 else 'them'} first; "
            f"GET /api/v1/calendars/{name}/tasks lists all",
        )
    data = {"calendar": name}
    return await builder.execute("calendar-delete", name, data, if_version, request=data)


async def diff(context: ApiContext, sent: SentCalendar, ahead: int) -> CalendarDiff:
    """What would become of the runs of the next `ahead` days. Raises PyMongoError."""
    name, now = sent.calendar.name, context.clock.now_ms() // 1000
    current = await context.calendars.find(name)
    old, new = calendar_days(current["days"] if current else ()), calendar_days(sent.calendar.days)
    groups = await context.calendars.groups(name)
    uses = {(use["name"], use["version"]): use for group in groups for use in group["calendars"]}
    standing = await context.calendars.days(
        {use["name"] for use in uses.values()}, sorted(uses.values(), key=lambda use: use["version"])
    )
    days = {use["name"]: CalendarDays(()) for use in uses.values()} | standing | {name: old}
    window = now, now + ahead * DAY
    effects = await asyncio.to_thread(_effects, groups[:MAX_GROUPS], name, days, new, window)
    gained, lost = changed_days(old, new)
    return CalendarDiff(
        name=name,
        version=current["version"] if current else 0,
        from_=from_ms(window[0] * 1000),
        to=from_ms(window[1] * 1000),
        days_added=[entry_of(one) for one in gained[:SHOWN]],
        days_removed=[entry_of(one) for one in lost[:SHOWN]],
        tasks=sum(group["tasks"] for group in groups),
        paused=sum(group["tasks"] for group in groups if group["state"] == "paused"),
        finished=sum(group["tasks"] for group in groups if group["state"] == "finished"),
        tasks_changed=sum(group["tasks"] for group, one in effects if one.removed or one.added),
        tasks_without_runs=sum(group["tasks"] for group, one in effects if one.never_again),
        removed=sum(group["tasks"] * one.removed for group, one in effects),
        added=sum(group["tasks"] * one.added for group, one in effects),
        effects=_told(effects),
        is_complete=len(groups) <= MAX_GROUPS and all(one.is_complete for _, one in effects),
        notes=_notes(groups, effects, new, window),
        imported=sent.imported,
    )


Effects = list[tuple[ScheduleGroup, CalendarEffect]]


def _effects(
    groups: list[ScheduleGroup], name: str, days: dict[str, CalendarDays], new: CalendarDays, window: tuple[int, int]
) -> Effects:
    work, found = DiffWork(), list[tuple[ScheduleGroup, CalendarEffect]]()
    for group in groups:
        if group["state"] == "active":
            schedule = schedule_of_task(group["schedule_json"], group["first"])
            found.append((group, schedule_diff(schedule, name, days, new, window, work)))
    return found


def _told(effects: Effects) -> list[ScheduleEffect]:
    changed = [one for one in effects if one[1].removed or one[1].added or one[1].never_again]
    changed.sort(key=lambda one: one[0]["tasks"] * (one[1].removed + one[1].added), reverse=True)
    return [
        ScheduleEffect(
            tasks=group["tasks"],
            task_id=group["first"],
            schedule_description=stored_schedule(group["schedule_json"], group["first"]).description,
            removed=one.removed,
            added=one.added,
            first_removed=[from_ms(at * 1000) for at in one.first_removed],
            first_added=[from_ms(at * 1000) for at in one.first_added],
            never_again=one.never_again,
        )
        for group, one in changed[:SHOWN]
    ]


def _notes(groups: list[ScheduleGroup], effects: Effects, new: CalendarDays, window: tuple[int, int]) -> list[str]:
    notes: list[str] = []
    if len(groups) > MAX_GROUPS:
        notes.append(f"the tasks have more than {MAX_GROUPS:,} schedules: those of the most tasks are counted")
    if not all(one.is_complete for _, one in effects):
        notes.append("there are more runs on these days than were looked at: the counts are the least there are")
    if any(stored_schedule(group["schedule_json"], group["first"]).schedule.has_hash for group, _ in effects):
        notes.append("of schedules with H the times of one task are told, those of others differ")
    if new.last is None:
        notes.append("the calendar would have no days")
    elif not new.has_day_after(window[1] // DAY):
        notes.append(f"the calendar would have no days after {new.last}")
    return notes
