"""Manual: no times; its task runs only when it is triggered."""

from typing import ClassVar, Final, Literal

from tasker_core.schedules.kinds.times import ScheduleKind
from tasker_core.time.wall_times import NEVER

NO_TIMES_TO_CATCH_UP_ON: Final = "a manual task has no times to catch up on; trigger it instead"
"""Why a backfill of such a task is refused."""


def is_manual(text: bytes) -> bool:
    """Whether the JSON of a stored schedule is that of a manual one."""
    return text.startswith(b'{"manual":')


class Manual(ScheduleKind):
    """A task that runs only when it is triggered: by REST, an event, the UI, or another task."""

    key: ClassVar[str] = "manual"
    is_manual: ClassVar[bool] = True

    manual: Literal[True]

    def next_after(self, after: int) -> int:
        """NEVER."""
        return NEVER

    def previous_before(self, before: int) -> int:
        """-NEVER."""
        return -NEVER

    def in_words(self) -> str:
        """What it means."""
        return "Only when it is triggered"
