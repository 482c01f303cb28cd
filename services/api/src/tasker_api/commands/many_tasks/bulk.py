"""Bulk actions: begun, counted, cancelled, undone."""

import json
from collections.abc import Mapping
from typing import Any, Final

from tasker_api.api_context import ApiContext
from tasker_api.change_sets.bulk_request import BulkActionInput, parse_bulk_action
from tasker_api.change_sets.bulk_selection import BulkSelection
from tasker_api.change_sets.portions import PortionSource
from tasker_api.change_sets.undo import UndoneChangeSet
from tasker_api.commands.command_builder import CommandBuilder
from tasker_api.commands.many_tasks.beginning import (
    begin,
    earlier_change_set,
    existing_change_set,
    go_on,
    is_left,
    key_tags_of,
    shown,
    state_of,
)
from tasker_api.conversion.many_tasks.change_sets import SILENCE
from tasker_api.problems import Problem
from tasker_api.schemas.many_tasks.change_sets import BulkCount, ChangeSetResponse, CountedTask, UndoInput
from tasker_core.documents.change_sets import ChangeSetDocument
from tasker_core.messages.change_sets import ChangeSetContent
from tasker_core.time.instant import from_ms

SAMPLE: Final = 20
_APART: Final = ("id", "action", "filter", "note", "dry_run")
"""What of a request is stated apart from its options."""


async def begin_bulk_action(
    context: ApiContext, builder: CommandBuilder, body: Mapping[str, Any]
) -> ChangeSetResponse | BulkCount:
    """Begin a bulk action, or count what it would be about. Raises InvalidInput, Problem or VerdictPending."""
    request = parse_bulk_action(body)
    if request.dry_run:
        return await _count(BulkSelection(context.tasks, request, context.own_tasks, builder.key_tags))
    content = ChangeSetContent(
        id=request.id or builder.new_task_id(),
        kind="bulk",
        action=request.action,
        filter=body.get("filter"),
        options={name: value for name, value in body.items() if name not in _APART},
    )
    return await begin(context, builder, content, lambda found: source_of(context, found), body, note=request.note)


async def _count(selection: BulkSelection) -> BulkCount:
    sample, left_out = await selection.sample(SAMPLE)
    found = [CountedTask(id=one["_id"], name=one["name"], version=one["version"]) for one in sample]
    return BulkCount(count=await selection.total() - len(left_out), sample=found, left_out=left_out)


def source_of(context: ApiContext, document: ChangeSetDocument) -> PortionSource:
    """What a stored change-set is about. Raises Problem (409) for an import, whose file is kept nowhere."""
    if document.get("kind") == "import":
        raise Problem(409, "an import goes on when its file is sent again, with the same `plan`")
    if (undone := document.get("undoes")) is not None:
        return UndoneChangeSet(context.change_sets, context.tasks, undone, document["note"], key_tags_of(document))
    request = stored_request(document)
    return BulkSelection(
        context.tasks, request, context.own_tasks, key_tags_of(document), created_until=document["created_at"]
    )


def stored_request(document: ChangeSetDocument) -> BulkActionInput:
    """The request of a bulk action, as it was sent."""
    body: dict[str, Any] = json.loads(document.get("options_json", "{}")) | {"action": document.get("action")}
    if (chosen := json.loads(document.get("filter_json", "null"))) is not None:
        body["filter"] = chosen
    return parse_bulk_action(body | ({} if document["note"] is None else {"note": document["note"]}))


async def resume(context: ApiContext, builder: CommandBuilder, change_set: str) -> ChangeSetResponse:
    """Go on with a change-set that was interrupted. Raises Problem or VerdictPending."""
    document = await existing_change_set(context, change_set, builder.key_tags)
    if is_left(context, document):
        source_of(context, document)
    return await go_on(context, builder, document, lambda found: source_of(context, found))


async def cancel(context: ApiContext, builder: CommandBuilder, change_set: str) -> ChangeSetResponse:
    """Let a change-set change no more tasks; what it has changed stays. Raises Problem or VerdictPending."""
    document = await existing_change_set(context, change_set, builder.key_tags)
    if document["state"] == "done":
        raise Problem(409, "the change-set is done: there is nothing left to cancel; `undo` takes it back")
    if document["state"] == "running":
        stated = ChangeSetContent(id=change_set, state="cancelled").model_dump(exclude_none=True)
        await builder.execute("change-set", change_set, {"change_set": stated})
        context.change_set_runner.look(change_set)
    return await shown(context, change_set, builder.key_tags)


async def undo(context: ApiContext, builder: CommandBuilder, change_set: str, request: UndoInput) -> ChangeSetResponse:
    """Take a change-set back by another one. Raises Problem or VerdictPending."""
    new = builder.new_task_id()
    if await earlier_change_set(context, builder, new) is None:
        await _check_undoable(context, await existing_change_set(context, change_set, builder.key_tags))
    content = ChangeSetContent(id=new, kind="undo", action="undo", undoes=change_set)
    sent = {"undoes": change_set, **request.model_dump(exclude_none=True)}
    return await begin(context, builder, content, lambda found: source_of(context, found), sent, note=request.note)


async def _check_undoable(context: ApiContext, document: ChangeSetDocument) -> None:
    change_set, state = document["_id"], state_of(context, document)
    if state in ("running", "interrupted"):
        hint = "wait until it is done" if state == "running" else "let it go on (`resume`)"
        raise Problem(409, f"the change-set is {state}: {hint}, or cancel it first; then undo it")
    await _check_not_undone(context, change_set)
    found, counted = await context.change_sets.counts(change_set), document.get("counts") or {}
    if "counts" not in document:
        is_quiet = from_ms(context.clock.now_ms()) - document["updated_at"] > SILENCE
        if context.change_set_runner.is_running(change_set) or not is_quiet:
            detail = "what is on its way when it is cancelled is still carried out, and has not been counted yet"
            raise Problem(409, f"{detail}: try again in a moment", headers={"Retry-After": "2"})
        # Whoever carried it out has died before it could count.
        published: int = document.get("progress", {}).get("published", 0)
        if (lacking := published - found.accepted - found.rejected - found.superseded) > 0:
            detail = f"what became of {lacking} of {published} tasks is not in the journal yet, or not any more"
            raise Problem(409, f"{detail}: try again in a minute, or put tasks back one by one (`revert`)")
    if not found.accepted and not counted.get("accepted"):
        raise Problem(409, "the change-set has changed nothing: there is nothing to undo")
    if found.accepted < counted.get("accepted", 0):
        gone = counted["accepted"] - found.accepted
        detail = f"what it did to {gone} of {counted['accepted']} tasks is not kept in the journal any more"
        raise Problem(409, f"{detail}: it can't be undone as a whole; put tasks back one by one (`revert`)")


async def _check_not_undone(context: ApiContext, change_set: str) -> None:
    """An undo that was refused for some tasks may be repeated, once what was done to them since is undone."""
    name = (await context.change_sets.undoing([change_set])).get(change_set)
    other = None if name is None else await context.change_sets.find(name)
    if other is not None and not (other["state"] == "done" and (other.get("counts") or {}).get("rejected")):
        raise Problem(409, f"the change-set was undone by {name!r} already: undo that to bring it back")
