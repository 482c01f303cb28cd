"""Replaces documents that say something else than Kafka.

First all is projected afresh beside the documents (collections `rebuild.*`), until that is close behind the end. Then
what differs is replaced, and what came meanwhile is projected on top once more: the order makes no difference, so that
the documents end as if they had never been wrong. For some seconds tasks may show a run that is a little older.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from tasker_core.documents.indexes import INDEXES
from tasker_core.documents.tasks import TaskDocument
from tasker_core.time.instant import to_ms
from tasker_log_sink.projection.batch_projection import ProjectedCollection
from tasker_log_sink.projection.revisions.revision_order import is_better_known
from tasker_log_sink.projection.tasks.earlier_documents import completed
from tasker_log_sink.projection.tasks.run_outcomes import stored_outcomes
from tasker_log_sink.rebuild.rebuild import Rebuild
from tasker_log_sink.rebuild.shadow_claim import SHADOW, ShadowClaim
from tasker_log_sink.rebuild.topic_replay import Progress
from tasker_log_sink.store.next_time_upgrade import complete_next_times
from tasker_log_sink.store.projection_store import ProjectionStore
from tasker_log_sink.store.task_writes import NEXT_TIMES
from tasker_runtime.mongo import Mongo, ReplaceOne

COLLECTIONS: Final[tuple[ProjectedCollection, ...]] = (
    "calendar_revisions",
    "calendars",
    "change_sets",
    "handlers",
    "journal",
    "missed",
    "revisions",
    "runs",
    "tasks",
)
WRITTEN_AT: Final = ("logged_at", "gone_at")
"""When a document was written: no part of what it says."""
CLOSE_RECORDS: Final = 2_000
ROUNDS: Final = 10
PAGE: Final = 500


class Replacement:
    """A rebuild that replaces."""

    def __init__(
        self, work: Rebuild, mongo: Mongo, cluster: str, now: Callable[[], datetime], progress: Progress
    ) -> None:
        self._work, self._mongo, self._cluster, self._now, self._progress = work, mongo, cluster, now, progress

    async def run(self, store: ProjectionStore) -> None:
        """All of it. Raises as Rebuild.run does, and ReplacementRunning when there is another one."""
        claim = ShadowClaim(self._mongo, self._work.topic_prefix, self._now)
        async with claim.held():
            await self._run(store, claim)

    async def _run(self, store: ProjectionStore, claim: ShadowClaim) -> None:
        started = self._now()
        await self._work.note(started, None, replaced=True)
        await self._drop_shadow()
        for name in (*COLLECTIONS, NEXT_TIMES):  # none may be created within a transaction
            await self._mongo.database.create_collection(f"{SHADOW}{name}")
        for index in INDEXES["revisions"]:  # they are looked for by their tasks, all others by their ids
            await self._mongo.database[f"{SHADOW}revisions"].create_index(list(index.keys), name=index.name)
        shadow = ProjectionStore(self._mongo, self._cluster, self._work.topic_prefix, SHADOW, counts_runs=False)
        await shadow.open()
        afresh = self._work.replay_into(shadow)
        kept_since = await self._work.kept_since()
        ends = await self._work.replay_topics(afresh)
        await self._work.add_held_tasks(afresh, started, hide=False)
        for _ in range(ROUNDS):
            ends, records = await self._work.replay_on(afresh, ends)
            if records < CLOSE_RECORDS:
                break
        for name in COLLECTIONS:
            claim.check()
            await self._replace(name, kept_since)
        on_top = self._work.replay_into(store)
        await self._work.replay_on(on_top, ends)
        await self._work.add_held_tasks(on_top, started)
        self._work.counts["next times completed"] = await complete_next_times(self._mongo)
        await self._work.count_again()
        claim.check()
        await self._drop_shadow()
        await self._work.note(started, self._now(), replaced=True)

    async def _drop_shadow(self) -> None:
        for name in (*COLLECTIONS, NEXT_TIMES):
            await self._mongo.database.drop_collection(f"{SHADOW}{name}")

    async def _replace(self, name: ProjectedCollection, kept_since: datetime | None) -> None:
        database = self._mongo.database
        total, done, replaced = await database[f"{SHADOW}{name}"].estimated_document_count(), 0, 0
        page: list[dict[str, Any]] = []
        async for right in database[f"{SHADOW}{name}"].find({}):
            page.append(right)
            if len(page) == PAGE:
                replaced += await self._replace_page(name, page, kept_since)
                done += len(page)
                page = []
                self._progress(f"comparing {name}", done, total)
        replaced += await self._replace_page(name, page, kept_since)
        self._work.counts[f"{name} replaced"] = replaced

    async def _replace_page(
        self, name: ProjectedCollection, page: list[dict[str, Any]], kept_since: datetime | None
    ) -> int:
        found = await self._mongo.majority(name).find({"_id": {"$in": [one["_id"] for one in page]}}).to_list(None)
        stored = {one["_id"]: one for one in found}
        writes: list[ReplaceOne[dict[str, Any]]] = []
        for right in page:
            shown = stored.get(right["_id"])
            if shown is None:
                writes.append(ReplaceOne({"_id": right["_id"]}, right, upsert=True))
                continue
            new = replacement(name, shown, right, kept_since)
            if new is not None:
                writes.append(ReplaceOne({"_id": right["_id"]}, new))
        if writes:
            await self._mongo.database[name].bulk_write(writes, ordered=False)
        return len(writes)


def replacement(
    name: ProjectedCollection, shown: Mapping[str, Any], right: Mapping[str, Any], kept_since: datetime | None
) -> dict[str, Any] | None:
    """What is to stand in place of a document, None when it is right. What Kafka has deleted by now is kept."""
    new = dict(right)
    if name == "runs" and kept_since is not None and right["effective_at"] <= kept_since:
        return None  # its first reports may be gone
    if name == "runs" and "first_attempt" in shown:
        new["first_attempt"] = shown["first_attempt"]  # when it was logged nobody else knows
    if name == "revisions":
        if is_better_known(shown["source"], right["source"]):
            return None
        new["finished"] = right["finished"] or shown["finished"]
    if name in ("calendars", "calendar_revisions"):
        if shown["version"] >= right["version"] and shown["event_id"] is not None and right["event_id"] is None:
            return None  # the verdict that says by whom is gone
        if name == "calendars" and shown["deleted"] == right["deleted"]:
            new["created_at"] = min(right["created_at"], shown["created_at"])
    if name == "change_sets" and shown["first_version"] < right["first_version"]:
        return None  # what it was to do is not in Kafka any more
    if name == "tasks":
        _keep_older(new, shown, kept_since)
    for field in WRITTEN_AT:
        if field in new and shown.get(field) is not None and (field != "gone_at" or new["deleted"]):
            new[field] = shown[field]
    return None if new == dict(shown) else new


def _keep_older(new: dict[str, Any], shown: Mapping[str, Any], kept_since: datetime | None) -> None:
    """Of a task, what came before the oldest records that are kept: its creation, its last run and how runs ended."""
    task: TaskDocument = new  # pyright: ignore[reportAssignmentType] -- as it is stored
    if task["generation"] == shown["generation"] and shown["created_at"] is not None and task["created_at"] is not None:
        new["created_at"] = min(task["created_at"], shown["created_at"])
        if task["version"] == shown["version"] and shown["updated_at"] is not None and task["updated_at"] is not None:
            new["updated_at"] = min(task["updated_at"], shown["updated_at"])
    before = shown["last_run"]
    if task["last_run"] is None and before is not None and kept_since and before["effective_at"] <= kept_since:
        new["last_run"], new["last_of"] = before, shown["last_of"]
    if kept_since is not None:
        known = stored_outcomes(completed(shown)).up_to(to_ms(kept_since))  # pyright: ignore[reportArgumentType] -- as above
        stored_outcomes(task).merged(known).set_in(task)
