"""Dead letters: what no service could use, and runs that failed for good."""

from collections.abc import AsyncIterator

from tasker.rest.aio.requests import AsyncRequests
from tasker.rest.shapes import DeadLetter, Redriven


class AsyncDeadLetters:
    """`client.dead_letters`."""

    def __init__(self, requests: AsyncRequests) -> None:
        self._requests = requests

    def list(self, *, limit: int | None = None) -> AsyncIterator[DeadLetter]:
        """The newest first; pages are read as they are needed."""
        return self._requests.pages("/dead-letters", limit, page_size=100)

    async def redrive(self, partition: int, offset: int, *, key: str | None = None) -> Redriven:
        """Send an event or a result back as it was, or run a run again."""
        return await self._requests.change("POST", f"/dead-letters/{partition}/{offset}/redrive", key=key)
