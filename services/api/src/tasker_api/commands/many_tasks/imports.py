"""Imports: a file of tasks, planned, and applied as it was planned."""

import json
from collections.abc import AsyncGenerator
from dataclasses import asdict
from datetime import datetime
from functools import partial
from hashlib import blake2b
from typing import IO, Any, Final, Literal, NamedTuple

from pydantic import JsonValue

from tasker_api.api_context import ApiContext
from tasker_api.change_sets.import_items import import_item
from tasker_api.change_sets.import_plan import PlanDigest, PlannedTask
from tasker_api.change_sets.import_planner import ImportPlanner, chunks_of
from tasker_api.change_sets.imports import PlannedImport
from tasker_api.commands.command_builder import CommandBuilder
from tasker_api.commands.many_tasks.beginning import begin, earlier_change_set, is_left, key_tags_of, shown
from tasker_api.commands.payload_checks import payload_check
from tasker_api.problems import Problem
from tasker_api.schemas.many_tasks.change_sets import ChangeSetResponse
from tasker_api.schemas.many_tasks.imports import ImportCounts, ImportItem, ImportPlan
from tasker_core.access.key_tags import KeyTags
from tasker_core.documents.change_sets import ChangeSetDocument
from tasker_core.errors import MAX_ERRORS, FieldError
from tasker_core.messages.change_sets import ChangeSetContent
from tasker_core.task_files.crontab.options import CrontabOptions
from tasker_core.task_files.entries import Format
from tasker_core.time.instant import rfc3339

SHOWN_ITEMS: Final = 1_000
PLANNED_AT: Final = "planned_at"
"""The option that says when the tasks were looked at."""


class TaskFile(NamedTuple):
    """A file of tasks as it was sent."""

    content: IO[bytes]
    format: Format
    crontab: CrontabOptions | None


class PlanSummary:
    """What a plan comes to."""

    def __init__(self) -> None:
        self._digest, self.counts = PlanDigest(), ImportCounts()
        self.is_whole, self.errors = True, list[FieldError]()

    def add(self, planned: list[PlannedTask]) -> None:
        """Some more entries."""
        for one in planned:
            self._digest.add(one)
            setattr(self.counts, one.action, getattr(self.counts, one.action) + 1)
            self.is_whole = self.is_whole and not one.is_end
            if len(self.errors) < MAX_ERRORS:
                name = "" if one.task_id is None else f"task {one.task_id[:140]!r}: "
                self.errors += [
                    FieldError(pointer=f"/line/{one.line}{error.pointer}", message=f"{name}{error.message}")
                    for error in one.errors
                ]

    @property
    def plan(self) -> str:
        """The digest."""
        return self._digest.text()


async def plan_import(context: ApiContext, key_tags: KeyTags, file: TaskFile) -> ImportPlan:
    """What an import would do. Raises PyMongoError."""
    summary, items = PlanSummary(), list[ImportItem]()
    async for planned in _planned(context, key_tags, file):
        summary.add(planned)
        items += [import_item(one) for one in planned[: SHOWN_ITEMS - len(items)]]
    return ImportPlan(plan=summary.plan, counts=summary.counts, is_whole=summary.is_whole, items=items)


async def plan_lines(context: ApiContext, key_tags: KeyTags, file: TaskFile) -> AsyncGenerator[str]:
    """The same, all entries: one a line, and in the last line the plan without items. Raises PyMongoError."""
    summary = PlanSummary()
    async for planned in _planned(context, key_tags, file):
        summary.add(planned)
        yield "".join(f"{import_item(one).model_dump_json()}\n" for one in planned)
    last = ImportPlan(plan=summary.plan, counts=summary.counts, is_whole=summary.is_whole, items=[])
    yield f"{last.model_dump_json(exclude={'items'})}\n"


async def apply_import(
    context: ApiContext,
    builder: CommandBuilder,
    file: TaskFile,
    plan: str,
    *,
    change_set: str | None,
    invalid: Literal["refuse", "skip"],
    note: str | None,
) -> ChangeSetResponse:
    """Begin an import as it was planned, or go on with one. Raises Problem or PyMongoError."""
    new = change_set or builder.new_task_id()
    sent: dict[str, JsonValue] = {"plan": plan, "file": _digest_of(file), "invalid": invalid, **_crontab_of(file)}
    before = await earlier_change_set(context, builder, new)
    if before is not None and not is_left(context, before):
        await builder.earlier_verdict("change-set", new, sent, event_id=new)
        return await shown(context, new, builder.key_tags)
    source, planned_at = PlannedImport(note), rfc3339(context.clock.now_ms())
    try:
        summary = PlanSummary()
        key_tags = builder.key_tags if before is None else key_tags_of(before)
        async for planned in _planned(context, key_tags, file):
            summary.add(planned)
            source.add(planned, None if before is None else await _versions_of_plan(context, before, planned))
        if before is None:
            _check(summary, plan, invalid)
        options = {**sent, PLANNED_AT: planned_at}
        content = ChangeSetContent(id=new, kind="import", action="import", options=options)
        return await begin(context, builder, content, source, sent, note=note, channel="import")
    finally:
        if not context.change_set_runner.carries_out(source):
            source.close()


async def _versions_of_plan(
    context: ApiContext, before: ChangeSetDocument, planned: list[PlannedTask]
) -> dict[str, int]:
    """The versions for which an import that goes on was planned: whoever has changed a task since is not overridden."""
    try:
        at = datetime.fromisoformat(json.loads(before.get("options_json", "{}"))[PLANNED_AT])
    except (LookupError, TypeError, ValueError):  # somebody else has stated it
        at = before["created_at"]
    ids = [one.task_id for one in planned if one.task_id is not None and one.definition is not None]
    return await context.change_sets.versions_at(ids, at)


def _check(summary: PlanSummary, plan: str, invalid: Literal["refuse", "skip"]) -> None:
    """Whether the file may be applied. Raises Problem."""
    counts = summary.counts
    if not summary.is_whole:
        detail = "the file can't be read to its end, so nothing of it is applied: mend it, and plan it again"
        raise Problem(422, detail, summary.errors)
    if counts.invalid and invalid == "refuse":
        detail = f"{counts.invalid} of its entries are invalid, so nothing is applied: mend them, or say `invalid=skip`"
        raise Problem(422, detail, summary.errors)
    if summary.plan != plan:
        detail = "this is not what was planned: the file, or a task in it, has changed since; plan it again"
        raise Problem(409, detail)
    if not counts.create + counts.change + counts.same:
        raise Problem(422, "there is no task in the file: nothing to import")


def _crontab_of(file: TaskFile) -> dict[str, JsonValue]:
    """How a crontab is read, where that was said: with the same file it makes other tasks."""
    given: dict[str, Any] = {} if file.crontab is None else asdict(file.crontab)
    said: dict[str, Any] = {name: list(value) if name == "tags" else value for name, value in given.items() if value}
    return {"crontab": said} if said else {}


def _digest_of(file: TaskFile) -> str:
    digest = blake2b(digest_size=16)
    for chunk in chunks_of(file.content):
        digest.update(chunk)
    return digest.hexdigest()


def _planned(context: ApiContext, key_tags: KeyTags, file: TaskFile) -> AsyncGenerator[list[PlannedTask]]:
    planner = ImportPlanner(context.tasks, partial(payload_check, context), key_tags)
    options: Any = file.crontab
    return planner.plan(file.content, file.format, options, context.clock.now_ms() // 1000)
