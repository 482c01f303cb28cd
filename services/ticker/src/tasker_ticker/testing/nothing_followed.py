"""For tests: no handlers are announced, no chains and no calendars written by others."""

from pydantic import JsonValue

from tasker_core.errors import FieldError
from tasker_core.handlers.built_in import payload_errors
from tasker_ticker.scheduling.memory.calendar_table import NewestCalendar


class NothingFollowed:
    """A HandlerValidator that knows the built-in handlers, and an empty ChainFollower and CalendarFollower."""

    is_connected = True
    calendar_mark: object = 0

    def errors(self, handler: str, payload: JsonValue) -> list[FieldError]:
        """What is wrong with a handler's name and a payload for it."""
        return payload_errors(handler, payload)

    def find_calendar(self, name: str) -> NewestCalendar | None:
        """There is none."""
        return None

    def calendar_names(self) -> list[str]:
        """There are none."""
        return []

    def successors(self, task_id: str) -> tuple[str, ...]:
        """No task starts others."""
        return ()

    def predecessors(self, task_id: str) -> tuple[str, ...]:
        """No task is started by others."""
        return ()

    async def refresh(self) -> bool:
        """There is nothing to read."""
        return True
