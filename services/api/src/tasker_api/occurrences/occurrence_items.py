"""PURE. Answers in their HTTP shape."""

from typing import get_args

from tasker_api.occurrences.answers import Answer
from tasker_api.occurrences.definition import DefinitionInForce
from tasker_api.occurrences.wording import Wording, pause_of
from tasker_api.schemas.runs import OccurrenceItem, OccurrenceRun
from tasker_core.documents.revisions import RevisionDocument
from tasker_core.documents.runs import RunDocument
from tasker_core.messages.verdicts import Channel
from tasker_core.time.instant import from_ms


def occurrence_item(answer: Answer, wording: Wording) -> OccurrenceItem:
    """An occurrence in the list."""
    standing, run, missed = answer.standing, answer.run, answer.missed
    who = _who(answer)
    item = OccurrenceItem(
        nominal_at=from_ms(standing.nominal * 1000),
        effective_at=from_ms(standing.effective * 1000),
        status=answer.status,
        reason=answer.reason,
        run=None if run is None else _run(run),
        backfill=None if answer.backfill is None else _run(answer.backfill),
        version=run["version"] if run is not None else standing.definition.revision["version"],
        changed_to=None if answer.status == "paused" or answer.change is None else answer.change.revision["version"],
        by=None if who is None else who["actor"],
        channel=None if who is None else channel_of(who),
        note=None if who is None else who["note"],
        from_=None if missed is None else missed["from_at"],
        to=None if missed is None else missed["to_at"],
        text=wording.text(answer),
    )
    return item if answer.status != "paused" else _paused(item, standing.definition, answer.change)


def _paused(item: OccurrenceItem, one: DefinitionInForce, resumed: DefinitionInForce | None) -> OccurrenceItem:
    since, _, note = pause_of(one)
    by = one.revision["actor"] if one.pause is None else one.pause.by
    channel = channel_of(one.revision) if since == one.begin else None
    to = None if resumed is None else from_ms(resumed.begin * 1000)
    changes = {"from_": from_ms(since * 1000), "to": to, "by": by, "note": note, "channel": channel}
    return item.model_copy(update=changes)


def _who(answer: Answer) -> RevisionDocument | None:
    """The revision that says who did what the answer tells."""
    if answer.status == "before":
        return answer.standing.definition.revision if answer.reason == "created" else None
    return None if answer.change is None else answer.change.revision


def channel_of(revision: RevisionDocument) -> Channel | None:
    """By which way a revision came; None where that is not known."""
    return next((one for one in get_args(Channel) if one == revision["channel"]), None)


def _run(run: RunDocument) -> OccurrenceRun:
    return OccurrenceRun.model_validate(
        {
            "id": run["_id"],
            "state": run["state"],
            "started_at": run["started_at"],
            "finished_at": run["finished_at"],
            "error": run["error"],
        }
    )
