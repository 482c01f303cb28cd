"""Change-sets: what one request does to many tasks."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, Literal, cast

from tasker.rest.aio.pause import Pause
from tasker.rest.aio.requests import AsyncRequests
from tasker.rest.paths import path_of
from tasker.rest.shapes import BulkActionInput, BulkCount, ChangeSet, ChangeSetItem

_LOOK_SECONDS: Final = 0.5


class AsyncChangeSets:
    """`client.change_sets`."""

    def __init__(self, requests: AsyncRequests, pause: Pause) -> None:
        self._requests, self._pause = requests, pause

    def list(self, *, limit: int | None = None) -> AsyncIterator[ChangeSet]:
        """The newest first; pages are read as they are needed."""
        return self._requests.pages("/change-sets", limit)

    async def get(self, change_set_id: str) -> ChangeSet:
        """What it does, and how far it has come."""
        return await self._requests.get(path_of("change-sets", change_set_id))

    def items(
        self,
        change_set_id: str,
        *,
        verdict: Literal["accepted", "rejected", "superseded", "forwarded"] | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[ChangeSetItem]:
        """What became of each task whose event has been answered."""
        return self._requests.pages(path_of("change-sets", change_set_id, "items"), limit, verdict=verdict)

    async def begin(self, asked: BulkActionInput) -> ChangeSet:
        """Do something to many tasks, in the background: `{"action": "pause", "filter": {"tag": ["billing"]}}`.

        The same again under the same `id` does nothing twice, and goes on with what was interrupted.
        """
        return await self._requests.change("POST", "/bulk-actions", cast("Mapping[str, Any]", asked))

    async def count(self, asked: BulkActionInput) -> BulkCount:
        """How many tasks `begin` would be about, and the first of them; nothing is done."""
        return await self._requests.compute("/bulk-actions", {**asked, "dry_run": True})

    async def follow(self, change_set_id: str) -> AsyncIterator[ChangeSet]:
        """How far it has come, again and again, until it is over (its `state` is not `running`)."""
        while True:
            found = await self.get(change_set_id)
            yield found
            if found["state"] != "running":
                return
            await self._pause(_LOOK_SECONDS)

    async def cancel(self, change_set_id: str, *, key: str | None = None) -> ChangeSet:
        """Let it change no more tasks; what it has changed stays."""
        return await self._requests.change("POST", path_of("change-sets", change_set_id, "cancel"), key=key)

    async def resume(self, change_set_id: str, *, key: str | None = None) -> ChangeSet:
        """Go on with one that was interrupted."""
        return await self._requests.change("POST", path_of("change-sets", change_set_id, "resume"), key=key)

    async def undo(self, change_set_id: str, *, note: str | None = None, key: str | None = None) -> ChangeSet:
        """Let each task go back to how it was before, unless somebody has changed it since; a change-set of its own."""
        body = {} if note is None else {"note": note}
        return await self._requests.change("POST", path_of("change-sets", change_set_id, "undo"), body, key=key)
