"""How the command ends when it can't do what was asked."""

from typing import Final

DONE: Final = 0
REFUSED: Final = 1
"""Tasker refuses, or what was asked has failed."""
USAGE: Final = 2
NOT_THERE: Final = 3
NOT_REACHABLE: Final = 4
"""No Tasker answers, Kafka or MongoDB is away, or a change is not decided yet."""
INTERRUPTED: Final = 130
"""Ctrl-C: 128 and the number of the signal, as shells have it."""
PIPE_CLOSED: Final = 141
"""Who read the output has gone: as SIGPIPE would end it."""


class CommandFailed(Exception):
    """Ends the command. The message says why, fit to be shown; `exit_code` is one of the above."""

    def __init__(self, message: str, exit_code: int = REFUSED) -> None:
        super().__init__(message)
        self.exit_code = exit_code
