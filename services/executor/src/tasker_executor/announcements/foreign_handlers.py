"""The handlers of other groups of executors: their runs are skipped here, since those groups run them."""

import asyncio

from tasker_runtime.handler_registry_reader import HandlerRegistryReader


class ForeignHandlers:
    """The announced handlers of all groups but `group`. `registry` None: nothing is announced."""

    def __init__(self, registry: HandlerRegistryReader | None = None, group: str = "") -> None:
        self._registry, self._group = registry, group
        self._begun = self._ended = 0
        self._reading, self._could_read = asyncio.Lock(), True

    def __contains__(self, handler: str) -> bool:
        """Whether another group has announced a handler, by the announcements that were read so far."""
        group = None if self._registry is None else self._registry.group_of(handler)
        return group is not None and group != self._group

    async def refresh(self) -> bool:
        """Read to where the announcements end now, within a bound; whether that was possible. Those who ask while it is
        being read share the next reading: what is announced before one asks is in it."""
        if self._registry is None:
            return True
        asked = self._begun
        async with self._reading:
            if self._ended <= asked:
                self._begun += 1
                self._could_read = await self._registry.refresh()
                self._ended = self._begun
            return self._could_read
