"""Takes back what a change-set did: each task goes back to how it was before, unless somebody has changed it since."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tasker_api.change_sets.portion_scope import kept_within
from tasker_api.change_sets.portions import Item, Portion
from tasker_api.conversion.task_history import defined_task
from tasker_api.queries.change_sets import ChangeSetQueries
from tasker_api.queries.tasks import TaskQueries
from tasker_core.access.key_tags import KeyTags
from tasker_core.documents.journal import JournalDocument
from tasker_core.documents.revisions import RevisionDocument
from tasker_core.messages.change_sets import LeftOutTask

PORTION: Final = 200
_UNKNOWN: Final = "how it was before is not kept any more: put it by hand"


class UndoneChangeSet:
    """A PortionSource: the accepted events of the change-set `of`, about tasks that are those of `key_tags`."""

    def __init__(
        self, queries: ChangeSetQueries, tasks: TaskQueries, of: str, note: str | None, key_tags: KeyTags
    ) -> None:
        self._queries, self._tasks, self._of, self._key_tags = queries, tasks, of, key_tags
        self._note = f"undoes {of}" + (f": {note}" if note else "")

    async def total(self) -> int:
        """As PortionSource says."""
        return (await self._queries.counts(self._of)).accepted

    def close(self) -> None:
        """As PortionSource says."""

    async def portions(self, after: str | None) -> AsyncGenerator[Portion]:
        """As PortionSource says."""
        while entries := await self._queries.accepted(self._of, after, PORTION):
            after = entries[-1]["task_id"]
            portion = await self._portion(after, entries)
            tags_of = await self._tasks.tags_of([one["task_id"] for one in entries] if self._key_tags.tags else ())
            yield kept_within(portion, tags_of, self._key_tags)

    async def _portion(self, after: str, entries: list[JournalDocument]) -> Portion:
        versions = [(one["task_id"], one["version"]) for one in entries if one["version"] is not None]
        made = await self._queries.revisions(versions)
        before = await self._queries.revisions_before(list(made.values()))
        standing = await self._standing(made)
        ended = await self._queries.ended_runs([one["run_id"] for one in entries if one["run_id"] is not None])
        items, unchanged, left_out = list[Item](), list[str](), list[LeftOutTask]()
        for entry in entries:
            task_id = entry["task_id"]
            if entry["event_type"] == "trigger":
                undone = cancel_item(entry, ended)
            else:
                revisions = UndoneRevisions(made.get(task_id), before.get(task_id), standing.get(task_id))
                undone = undo_item(entry, revisions, self._note)
            if isinstance(undone, Item):
                items.append(undone)
            elif undone is None:
                unchanged.append(task_id)
            else:
                left_out.append(LeftOutTask(task_id=task_id, message=undone))
        return Portion(after, items, unchanged, left_out)

    async def _standing(self, made: Mapping[str, RevisionDocument]) -> dict[str, RevisionDocument]:
        """The revision that stands, of tasks that are at another version by now since a later change was undone."""
        now = await self._queries.current_versions(list(made))
        later = {one: version for one, version in now.items() if version != made[one]["version"]}
        if not later:
            return {}
        between = await self._queries.revisions_after([made[one] for one in later])
        by = {revision["change_set"] for some in between.values() for revision in some if "change_set" in revision}
        undoes = await self._queries.undone_by(list(by))
        standing = dict[str, RevisionDocument]()
        for task_id, revisions in between.items():
            is_last = revisions[-1]["version"] == later[task_id]
            if is_last and all_taken_back([one.get("change_set") for one in revisions], undoes):
                standing[task_id] = revisions[-1]
        return standing


class UndoneRevisions(NamedTuple):
    """The revision that a change made, the one before it, and the one that stands, if it is another one.

    The last one only where all that came between was undone (`all_taken_back`).
    """

    made: RevisionDocument | None
    before: RevisionDocument | None = None
    standing: RevisionDocument | None = None


def all_taken_back(later: Sequence[str | None], undoes: Mapping[str, str]) -> bool:
    """Whether all changes of a task since are undone again: each is of a change-set that one behind it has undone.

    `later` are their change-sets, in their order (None: by hand), `undoes` says which of these undoes which.
    """
    standing = list[str]()
    for change_set in later:
        if change_set is None:
            return False
        if standing and undoes.get(change_set) == standing[-1]:
            standing.pop()
        else:
            standing.append(change_set)
    return not standing


def cancel_item(entry: JournalDocument, ended: set[str]) -> Item | None:
    """The event that ends the run of a trigger; None when it has ended already."""
    run_id = entry["run_id"]
    if run_id is None or run_id in ended:
        return None
    return Item(entry["task_id"], "cancel", {"task_id": entry["task_id"], "run_id": run_id})


def undo_item(entry: JournalDocument, revisions: UndoneRevisions, note: str) -> Item | str | None:
    """The event that takes an accepted change of a task back; None when there is nothing to take back, or why not.

    It is for the very version that the change made, or the one that stands since later changes were undone and says the
    same: whoever has changed the task since is not overridden, not even one who has changed it to the same again.
    """
    task_id, version, (made, before, standing) = entry["task_id"], entry["version"], revisions
    if entry["event_type"] not in ("put", "delete", "pause", "resume"):
        return None
    if version is None or made is None:
        return _UNKNOWN
    if before is None and version != entry["generation"]:
        return _UNKNOWN
    earlier = None if before is None or before["task_json"] is None else defined_task(before["task_json"])
    if made["task_json"] is None:
        return None if earlier is None else Item(task_id, "put", {"task": earlier, "note": note}, 0)
    now = defined_task(made["task_json"])
    if standing is not None and standing["task_json"] is not None and defined_task(standing["task_json"]) == now:
        version = standing["version"]
    if earlier is None:
        return Item(task_id, "delete", {"task_id": task_id, "note": note}, version)
    if earlier == now:
        return None
    if _but_paused(earlier) == _but_paused(now):
        word = "pause" if earlier["paused"] else "resume"
        return Item(task_id, word, {"task_id": task_id, "note": note}, version)
    return Item(task_id, "put", {"task": earlier, "note": note}, version)


def _but_paused(task: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in task.items() if name != "paused"}
