"""PURE. What a crontab does not say of itself."""

from dataclasses import dataclass
from typing import Final, Literal

CrontabForm = Literal["user", "system"]
DEFAULT_ZONE: Final = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrontabOptions:
    """How a crontab is to be read.

    `form`: whether a user stands before each command (`system`); None: as the lines look. `timezone`: whose clock holds
    until a `CRON_TZ` (None: UTC, with a warning). `handler`: what runs the commands that call no URL, with the payload
    `{"command", "stdin"?, "user"?, "environment"?}`; without one they are faulty entries. `prefix` goes before each id,
    `tags` are given to each task.
    """

    form: CrontabForm | None = None
    timezone: str | None = None
    handler: str | None = None
    prefix: str = ""
    tags: tuple[str, ...] = ()
