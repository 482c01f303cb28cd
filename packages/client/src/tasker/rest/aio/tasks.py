"""Tasks: made, read, changed, run, and how they came to be what they are."""

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, cast

from tasker.rest.aio.requests import MERGE_PATCH, AsyncRequests
from tasker.rest.paths import path_of
from tasker.rest.query import instant_text
from tasker.rest.shapes import (
    Backfilled,
    CancelAsked,
    JsonValue,
    OccurrenceItem,
    Revision,
    RevisionDetail,
    Task,
    TaskChange,
    TaskInput,
    TaskItem,
    TaskStats,
    Triggered,
)
from tasker.rest.unset import UNSET, Unset, given

Instant = datetime | str


class AsyncTasks:
    """`client.tasks`.

    Changes return when a read shows them, and raise TaskerProblem when they are refused, NotDecided when their verdict
    takes too long. `if_version`: only if that is the version that stands (0: only if there is none); else 412.
    `key`: the Idempotency-Key, for who repeats a change after a restart of his own; the same key, the same change.
    """

    def __init__(self, requests: AsyncRequests) -> None:
        self._requests = requests

    def list(
        self,
        *,
        q: str | Iterable[str] | None = None,
        tag: str | Iterable[str] | None = None,
        handler: str | None = None,
        state: Literal["active", "paused", "finished"] | None = None,
        then: str | None = None,
        last_outcome: Literal["succeeded", "failed", "cancelled", "skipped", "none"] | None = None,
        min_failures: int | None = None,
        paused_by: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[TaskItem]:
        """The tasks that all of it is true of, at most `limit`; pages are read as they are needed.

        `q`: beginnings of words of the id, the name or the tags. `sort`: `name`, `id`, `created_at`, `updated_at`,
        `next_at`, `last_outcome`, `failures`, or one of them with `-` before it.
        """
        return self._requests.pages(
            "/tasks",
            limit,
            q=q,
            tag=tag,
            handler=handler,
            state=state,
            then=then,
            last_outcome=last_outcome,
            min_failures=min_failures,
            paused_by=paused_by,
            sort=sort,
        )

    async def get(self, task_id: str) -> Task:
        """One task, whole."""
        return await self._requests.get(path_of("tasks", task_id))

    async def create(self, task: TaskInput, *, key: str | None = None) -> Task:
        """Make a task; 409 when its id exists. Without `id` one is minted."""
        return await self._requests.change("POST", "/tasks", cast("Mapping[str, Any]", task), key=key)

    async def put(
        self, task_id: str, task: TaskChange, *, if_version: int | None = None, key: str | None = None
    ) -> Task:
        """Make a task, or replace the whole of it."""
        body = cast("Mapping[str, Any]", task)
        return await self._requests.change("PUT", path_of("tasks", task_id), body, key=key, if_version=if_version)

    async def patch(
        self, task_id: str, changes: Mapping[str, Any], *, if_version: int | None = None, key: str | None = None
    ) -> Task:
        """Change some fields (RFC 7396): what is left out stays, None means the default."""
        path = path_of("tasks", task_id)
        return await self._requests.change(
            "PATCH", path, changes, key=key, if_version=if_version, content_type=MERGE_PATCH
        )

    async def delete(
        self, task_id: str, *, if_version: int | None = None, note: str | None = None, key: str | None = None
    ) -> None:
        """Delete a task; runs that are out already finish."""
        await self._requests.change("DELETE", path_of("tasks", task_id), _noted(note), key=key, if_version=if_version)

    async def pause(
        self, task_id: str, *, if_version: int | None = None, note: str | None = None, key: str | None = None
    ) -> Task:
        """Let it fire no more until it is resumed."""
        path = path_of("tasks", task_id, "pause")
        return await self._requests.change("POST", path, _noted(note), key=key, if_version=if_version)

    async def resume(
        self, task_id: str, *, if_version: int | None = None, note: str | None = None, key: str | None = None
    ) -> Task:
        """Let it fire again from now on; what the pause covered is not made up for."""
        path = path_of("tasks", task_id, "resume")
        return await self._requests.change("POST", path, _noted(note), key=key, if_version=if_version)

    async def trigger(
        self, task_id: str, *, payload: JsonValue | Unset = UNSET, note: str | None = None, key: str | None = None
    ) -> Triggered:
        """Run it now, also while it is paused; with `payload` instead of its own."""
        body = given(payload=payload) | _noted(note)
        return await self._requests.change("POST", path_of("tasks", task_id, "trigger"), body, key=key)

    async def backfill(
        self,
        task_id: str,
        *,
        start: Instant | None = None,
        end: Instant | None = None,
        times: Iterable[Instant] | None = None,
        only: Literal["missed", "failed"] | None = None,
        rate: int | None = None,
        dry_run: bool = False,
        key: str | None = None,
    ) -> Backfilled:
        """Run past nominal times: [`start`, `end`), or `times`; `only` what is missed or failed. `rate`: a minute."""
        body: dict[str, Any] = {"only": only, "rate": rate, "dry_run": dry_run or None}
        body |= {"start": start and instant_text(start), "end": end and instant_text(end)}
        body |= {"times": None if times is None else [instant_text(time) for time in times]}
        body = {name: value for name, value in body.items() if value is not None}
        return await self._requests.change("POST", path_of("tasks", task_id, "backfills"), body, key=key)

    async def cancel_runs(self, task_id: str, *, key: str | None = None) -> CancelAsked:
        """Cancel all its unfinished runs; the task goes on. Also of a task that is deleted."""
        return await self._requests.change("POST", path_of("tasks", task_id, "cancel"), key=key)

    def history(self, task_id: str, *, limit: int | None = None) -> AsyncIterator[Revision]:
        """Who changed what, newest first; also of a deleted task."""
        return self._requests.pages(path_of("tasks", task_id, "history"), limit)

    async def version(self, task_id: str, version: int) -> RevisionDetail:
        """The task as it was in one version."""
        return await self._requests.get(path_of("tasks", task_id, "history", version))

    async def revert(self, task_id: str, version: int, *, note: str | None = None, key: str | None = None) -> Task:
        """Make it again what it was in a version; also a deleted one."""
        body = {"version": version} | _noted(note)
        return await self._requests.change("POST", path_of("tasks", task_id, "revert"), body, key=key)

    def occurrences(
        self,
        task_id: str,
        *,
        start: Instant | None = None,
        end: Instant | None = None,
        order: Literal["asc", "desc"] | None = None,
        status: str | Iterable[str] | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[OccurrenceItem]:
        """What became of each nominal time, and what comes."""
        path = path_of("tasks", task_id, "occurrences")
        return self._requests.pages(path, limit, from_=start, to=end, order=order, status=status)

    async def statistics(self, task_id: str) -> TaskStats:
        """How its runs have gone: counts, durations, failures."""
        return await self._requests.get(path_of("tasks", task_id, "stats"))


def _noted(note: str | None) -> dict[str, Any]:
    return {} if note is None else {"note": note}
