"""PURE. Verdicts on `change-set` events as documents of `change_sets`: the same in whatever order they are read."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, cast, get_args

import msgspec

from tasker_core.documents.change_sets import ChangeSetDocument, ChangeSetStatement, StatedField
from tasker_core.messages.change_sets import ChangeSetContent
from tasker_core.messages.verdicts import Verdict
from tasker_log_sink.projection.bson_instants import instant
from tasker_log_sink.projection.collection_changes import CollectionChanges

_AS_JSON = ("filter", "options")
"""They may hold names and numbers that no document can."""
_BEGUN: Final[tuple[StatedField, ...]] = (
    "kind",
    "action",
    "filter_json",
    "options_json",
    "scope",
    "undoes",
    "owner",
)
"""What a change-set is, and whose. The same request may be taken twice, and two under one id: the first one stands."""


def stated_change_set(verdict: Verdict) -> ChangeSetStatement:
    """What an accepted verdict states of a change-set. Raises ValueError when it does not say."""
    if verdict.version is None or verdict.effective_from is None:
        raise ValueError("an accepted verdict on a change-set has version and effective_from")
    content = ChangeSetContent.model_validate_json(bytes(verdict.change_set_state))
    fields = content.model_dump(mode="json", exclude_none=True, exclude={"id", "state"})
    stated = {
        f"{name}_json" if name in _AS_JSON else name: msgspec.json.encode(value).decode() if name in _AS_JSON else value
        for name, value in fields.items()
    }
    return {
        "_id": verdict.task_id,
        "version": verdict.version,
        "actor": verdict.actor,
        "channel": verdict.channel,
        "note": verdict.note,
        "at": instant(verdict.effective_from),
        "state": content.state,
        "stated": cast("dict[StatedField, Any]", stated),
    }


def project_change_sets(
    statements: Iterable[ChangeSetStatement], stored: Mapping[str, ChangeSetDocument], now: datetime
) -> CollectionChanges[ChangeSetDocument]:
    """The writes that statements bring."""
    current: dict[str, ChangeSetDocument] = {}
    for statement in statements:
        name = statement["_id"]
        current[name] = merged_change_set(current.get(name) or stored.get(name), statement, now)
    changes = CollectionChanges[ChangeSetDocument](optional=get_args(StatedField))
    for name, document in current.items():
        if name not in stored:
            changes.inserts.append(document)
        elif document != stored[name]:
            changes.updates.append((name, document))
    return changes


def merged_change_set(
    before: ChangeSetDocument | None, statement: ChangeSetStatement, now: datetime
) -> ChangeSetDocument:
    """A change-set after one more statement, be it earlier or later than those before."""
    version = statement["version"]
    if before is None:
        new = cast("ChangeSetDocument", {"_id": statement["_id"], "versions": {}})
    else:
        new = cast("ChangeSetDocument", {**before, "versions": {**before["versions"]}})
    if before is None or version < before["first_version"]:
        new["first_version"], new["created_at"] = version, statement["at"]
        new["actor"], new["channel"], new["note"] = statement["actor"], statement["channel"], statement["note"]
    _take(new, version, statement["stated"])
    state = statement["state"] or "running"
    if before is None or _stands(state, version, before):
        new["state"], new["state_version"] = state, 0 if state == "running" else version
    new["updated_at"] = statement["at"] if before is None else max(before["updated_at"], statement["at"])
    new["logged_at"] = now
    return new if before is None or _without_time(new) != _without_time(before) else before


def _take(new: ChangeSetDocument, version: int, stated: Mapping[StatedField, Any]) -> None:
    """Each field as the latest statement says; what a change-set is, as the first one with a `kind` does.

    Of that a statement without a `kind` states something else, as when another process goes on with it.
    """
    values, versions = cast("dict[str, Any]", new), new["versions"]
    first, begins = versions.get("kind"), "kind" in stated
    if begins and first is not None and version <= first:
        for name in _BEGUN:
            if versions.get(name) == first:  # of one that came second
                del values[name], versions[name]
    for name, value in stated.items():
        known = versions.get(name)
        if known is None:
            stands = not begins or name not in _BEGUN or first is None or version <= first
        elif name in _BEGUN:
            stands = not begins and (known == first or known <= version)
        else:
            stands = known <= version
        if stands:
            values[name], versions[name] = value, version


def _stands(state: str, version: int, before: ChangeSetDocument) -> bool:
    """Whether a state stands in place of the one before: the first one in which it is over."""
    if state == "running" or before["state"] == "running":
        return state != "running"
    return version < before["state_version"]


def _without_time(document: ChangeSetDocument) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "logged_at"}
