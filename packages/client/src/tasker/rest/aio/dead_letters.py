"""Dead letters: what no service could use, and runs that failed for good."""

from collections.abc import AsyncIterator, Sequence

from tasker.rest.aio.requests import AsyncRequests
from tasker.rest.paths import path_of
from tasker.rest.shapes import DeadLetter, DeadLetterGroups, Redriven, RedriveOutcomes


class AsyncDeadLetters:
    """`client.dead_letters`."""

    def __init__(self, requests: AsyncRequests) -> None:
        self._requests = requests

    def list(
        self,
        *,
        service: str | None = None,
        topic: str | None = None,
        cause: str | None = None,
        task_id: str | None = None,
        q: str | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[DeadLetter]:
        """The newest first; pages are read as they are needed. `cause`: as `groups` says it; `q`: part of the text."""
        return self._requests.pages(
            "/dead-letters", limit, page_size=100, service=service, topic=topic, cause=cause, task_id=task_id, q=q
        )

    async def groups(self) -> DeadLetterGroups:
        """The newest ones by service, topic and cause."""
        return await self._requests.get("/dead-letters/groups")

    async def redrive_many(self, ids: Sequence[str], *, key: str | None = None) -> RedriveOutcomes:
        """The same as `redrive` with up to 100 of them, by their ids; what can't be done with one hinders no other."""
        return await self._requests.change("POST", "/dead-letters/redrive", {"ids": [*ids]}, key=key)

    async def redrive(self, partition: int, offset: int, *, key: str | None = None) -> Redriven:
        """Send an event or a result back as it was, or run a run again."""
        return await self._requests.change("POST", path_of("dead-letters", partition, offset, "redrive"), key=key)
