"""Begins change-sets, and goes on with those that were interrupted."""

import json
from contextlib import suppress
from typing import Any

from tasker_api.api_context import ApiContext
from tasker_api.change_sets.change_set_job import UNKNOWN_MS, ChangeSetOrder
from tasker_api.change_sets.portions import PortionSource, SourceOf
from tasker_api.commands.command_builder import CommandBuilder
from tasker_api.conversion.many_tasks.change_sets import change_set_response, shown_state
from tasker_api.problems import Problem, not_found
from tasker_api.publishing.verdict import OutcomeUnknown, VerdictPending
from tasker_api.schemas.many_tasks.change_sets import ChangeSetResponse, ShownState
from tasker_core.access.key_tags import KeyTags
from tasker_core.documents.change_sets import ChangeSetDocument
from tasker_core.messages.change_sets import ChangeSetContent, ChangeSetCounts
from tasker_core.messages.verdicts import Channel
from tasker_core.time.instant import from_ms


async def begin(
    context: ApiContext,
    builder: CommandBuilder,
    content: ChangeSetContent,
    source: PortionSource | SourceOf,
    request: Any,
    *,
    note: str | None,
    channel: Channel | None = None,
) -> ChangeSetResponse:
    """Have a change-set carried out; the same `request` again under its id has nothing done twice.

    One that was interrupted goes on then. A `source` that no job has taken (ChangeSetRunner.carries_out) stays the
    caller's to close. Raises Problem.
    """
    before = await earlier_change_set(context, builder, content.id)
    if before is not None:
        await builder.earlier_verdict("change-set", content.id, request, event_id=content.id)
        return await go_on(context, builder, before, source)
    if builder.key_tags.tags:
        content = content.model_copy(update={"scope": builder.key_tags.in_order})
    asked = _asked(context, builder, content, note, channel)
    job = context.change_set_runner.job(ChangeSetOrder(asked, source, resumed=False))
    stated = content.model_copy(update={"state": "running", "owner": job.owner})
    data: dict[str, Any] = {"change_set": stated.model_dump(mode="json", exclude_none=True)}
    if note is not None:
        data["note"] = note
    try:
        with suppress(VerdictPending):  # the job waits for it
            await builder.execute("change-set", content.id, data, request=request, event_id=content.id, channel=channel)
    except OutcomeUnknown:  # it may be taken yet, and names this process
        job.patience_ms = UNKNOWN_MS
        context.change_set_runner.begin(job)
        raise
    context.change_set_runner.begin(job)
    return await shown(context, content.id, builder.key_tags)


def _asked(
    context: ApiContext, builder: CommandBuilder, content: ChangeSetContent, note: str | None, channel: Channel | None
) -> ChangeSetDocument:
    """A change-set as the log will show it."""
    now = from_ms(context.clock.now_ms())
    found: ChangeSetDocument = {
        "_id": content.id,
        "first_version": 0,
        "actor": builder.actor,
        "channel": channel or builder.channel,
        "note": note,
        "created_at": now,
        "updated_at": now,
        "state": "running",
        "state_version": 0,
        "versions": {},
        "kind": content.kind or "bulk",
        "action": content.action or "",
        "filter_json": json.dumps(content.filter),
        "options_json": json.dumps(content.options),
        "logged_at": now,
    }
    if content.undoes is not None:
        found["undoes"] = content.undoes
    if content.scope is not None:
        found["scope"] = list(content.scope)
    return found


async def go_on(
    context: ApiContext, builder: CommandBuilder, document: ChangeSetDocument, source: PortionSource | SourceOf
) -> ChangeSetResponse:
    """Go on with a change-set, if it was interrupted. Raises Problem."""
    change_set, runner = document["_id"], context.change_set_runner
    if is_left(context, document):
        job = runner.job(ChangeSetOrder(document, source, resumed=True))
        stated = ChangeSetContent(id=change_set, owner=job.owner)
        try:
            data = {"change_set": stated.model_dump(exclude_none=True)}
            # Its owner is another one each time, also under the same Idempotency-Key.
            await builder.execute("change-set", change_set, data, event_id=builder.new_event_id())
        finally:
            runner.begin(job)
    return await shown(context, change_set, builder.key_tags)


def is_left(context: ApiContext, document: ChangeSetDocument) -> bool:
    """Whether nobody carries a change-set out that is not over: as far as this process can say."""
    state, owner = state_of(context, document), document.get("owner", "")
    if state == "running" and not context.change_set_runner.is_running(document["_id"]):
        return context.change_set_runner.is_of_this_process(owner)
    return state == "interrupted"


def state_of(context: ApiContext, document: ChangeSetDocument) -> ShownState:
    """Whether a change-set goes on."""
    here = context.change_set_runner.is_running(document["_id"])
    return shown_state(document, from_ms(context.clock.now_ms()), here=here)


def key_tags_of(document: ChangeSetDocument) -> KeyTags:
    """Whose tasks a change-set is about: it is kept to them whoever goes on with it."""
    return KeyTags(frozenset(document.get("scope", ())))


async def existing_change_set(context: ApiContext, change_set: str, key_tags: KeyTags) -> ChangeSetDocument:
    """A change-set about tasks that are all those of a key. Raises Problem (404)."""
    found = await context.change_sets.find(change_set) or context.change_set_runner.asked(change_set)
    if found is None or not key_tags.covers(key_tags_of(found)):
        raise not_found(f"the change-set {change_set!r}")
    return found


async def earlier_change_set(context: ApiContext, builder: CommandBuilder, change_set: str) -> ChangeSetDocument | None:
    """What has the id of a new change-set already. Raises Problem (403) where that is not theirs."""
    found = await context.change_sets.find(change_set)
    if found is not None and not builder.key_tags.covers(key_tags_of(found)):
        detail = f"the id {change_set!r} is of a change-set that this key may not see: choose another `id`"
        raise Problem(403, f"{detail}, or `Idempotency-Key`")
    return found


async def shown(context: ApiContext, change_set: str, key_tags: KeyTags) -> ChangeSetResponse:
    """A change-set as it is now. Raises Problem (404)."""
    (found,) = await shown_all(context, [await existing_change_set(context, change_set, key_tags)])
    return found


async def shown_all(context: ApiContext, documents: list[ChangeSetDocument]) -> list[ChangeSetResponse]:
    """Change-sets as they are now: what is over was counted then."""
    undoing = await context.change_sets.undoing([one["_id"] for one in documents])
    found = list[ChangeSetResponse]()
    for one in documents:
        counted = one.get("counts")
        counts = await context.change_sets.counts(one["_id"]) if counted is None else ChangeSetCounts(**counted)
        found.append(change_set_response(one, counts, undoing.get(one["_id"]), state_of(context, one)))
    return found
