"""Runs: what was carried out, is being carried out, or failed."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Literal

from tasker.rest.aio.requests import AsyncRequests
from tasker.rest.paths import path_of
from tasker.rest.shapes import CancelAsked, JsonValue, MissedItem, RecentRuns, Reported, Run, RunItem, Triggered
from tasker.rest.unset import UNSET, Unset, given


class AsyncRuns:
    """`client.runs`."""

    def __init__(self, requests: AsyncRequests) -> None:
        self._requests = requests

    def list(
        self,
        *,
        task_id: str | None = None,
        state: Literal["running", "waiting", "retrying", "succeeded", "failed", "cancelled", "skipped"] | None = None,
        kind: Literal["scheduled", "manual", "backfill", "chained", "alert"] | None = None,
        lane: Literal["live", "background"] | None = None,
        start: datetime | str | None = None,
        end: datetime | str | None = None,
        after_run_id: str | None = None,
        q: str | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[RunItem]:
        """The newest runs first, of one task or of all; pages are read as they are needed.

        `start` and `end` bound the nominal time; `after_run_id` gives those that a run has started in its chain. `q`:
        the begin of a run's id, or words of its task.
        """
        return self._requests.pages(
            "/runs",
            limit,
            task_id=task_id,
            state=state,
            kind=kind,
            lane=lane,
            from_=start,
            to=end,
            after_run_id=after_run_id,
            q=q,
        )

    async def recent(self, task_ids: Sequence[str], *, limit: int | None = None) -> RecentRuns:
        """The newest runs of each of some tasks, 10 unless `limit` says another number."""
        return await self._requests.get("/recent-runs", task_id=[*task_ids], limit=limit)

    def missed(
        self,
        *,
        task_id: str | None = None,
        reason: Literal["policy", "coalesced", "over_max", "too_old", "paused", "deleted", "changed"] | None = None,
        start: datetime | str | None = None,
        end: datetime | str | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[MissedItem]:
        """Nominal times that did not run, the newest first; pages are read as they are needed."""
        return self._requests.pages("/missed", limit, task_id=task_id, reason=reason, from_=start, to=end)

    async def get(self, run_id: str) -> Run:
        """One run, with its payload, its result and each attempt."""
        return await self._requests.get(path_of("runs", run_id))

    async def cancel(self, run_id: str, *, task_id: str | None = None, key: str | None = None) -> CancelAsked:
        """Ask for its end. `task_id` is needed only for a run that is not in the log yet."""
        return await self._requests.change("POST", path_of("runs", run_id, "cancel"), key=key, task_id=task_id)

    async def rerun(
        self, run_id: str, *, payload: JsonValue | Unset = UNSET, note: str | None = None, key: str | None = None
    ) -> Triggered:
        """Run a finished one again, as a new, manual run; with `payload` instead of its own."""
        body = given(payload=payload, note=UNSET if note is None else note)
        return await self._requests.change("POST", path_of("runs", run_id, "rerun"), body, key=key)

    async def report(
        self,
        token: str,
        *,
        outcome: Literal["succeeded", "failed"] = "succeeded",
        result: JsonValue = None,
        error: str | None = None,
    ) -> Reported:
        """How a call has ended that was answered 202. `token`: the last part of its `Tasker-Callback` URL."""
        body: dict[str, Any] = {"outcome": outcome, "result": result}
        body |= {} if error is None else {"error": {"message": error}}
        return await self._requests.change("POST", path_of("callbacks", token), body)
