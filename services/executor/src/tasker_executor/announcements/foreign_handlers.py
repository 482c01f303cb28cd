"""The handlers of other groups of executors: their runs are passed over here, since those groups carry them out."""

from tasker_runtime.handler_registry_reader import HandlerRegistryReader


class Elsewhere:
    """What is announced, seen from a group. `followed` None: nothing is."""

    def __init__(self, followed: HandlerRegistryReader | None = None, group: str = "") -> None:
        self._followed, self._group = followed, group

    def __contains__(self, handler: str) -> bool:
        """Whether another group has announced a handler, as far as is known."""
        group = None if self._followed is None else self._followed.group_of(handler)
        return group is not None and group != self._group

    async def refresh(self) -> None:
        """Read on to where the announcements end now, within a bound."""
        if self._followed is not None:
            await self._followed.refresh()
