"""PURE. What the Idempotency-Keys of the last requests were for, before the journal can say it."""

from collections import OrderedDict
from typing import Final

from tasker_api.publishing.command import Command

MAX_KEYS: Final = 10_000


class RecentKeys:
    """The contents of the newest keys, as many as this process may hold.

    The journal knows a key once its verdict is there, and event ids are unique within one task only: of two requests
    under one key for two tasks at the same moment, both would be carried out. Each actor has keys of its own.
    """

    def __init__(self, limit: int = MAX_KEYS) -> None:
        self._limit, self._contents = limit, OrderedDict[tuple[str | None, str], str | None]()

    def claim(self, command: Command) -> bool:
        """Take the key for this content. False when another content has it."""
        key = command.actor, command.event_id
        known = self._contents.setdefault(key, command.digest)
        self._contents.move_to_end(key)
        if len(self._contents) > self._limit:
            self._contents.popitem(last=False)
        return known == command.digest
