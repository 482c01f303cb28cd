"""The handlers of other groups of executors: their runs are skipped here, since those groups run them."""

from tasker_runtime.handler_registry_reader import HandlerRegistryReader


class ForeignHandlers:
    """The announced handlers of all groups but `group`. `registry` None: nothing is announced."""

    def __init__(self, registry: HandlerRegistryReader | None = None, group: str = "") -> None:
        self._registry, self._group = registry, group

    def __contains__(self, handler: str) -> bool:
        """Whether another group has announced a handler, by the announcements that were read so far."""
        group = None if self._registry is None else self._registry.group_of(handler)
        return group is not None and group != self._group

    async def refresh(self) -> None:
        """Read to the current end of the announcements, within a bound."""
        if self._registry is not None:
            await self._registry.refresh()
