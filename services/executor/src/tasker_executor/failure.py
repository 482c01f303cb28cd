"""How a handler says that its attempt failed."""

from dataclasses import dataclass

from tasker_core.errors import TaskerError


class Failed(TaskerError):
    """The attempt failed. `kind` is a word for programs, the message a sentence for people with the way out.

    `result` is what was received all the same (JSON, None: nothing). `final`: trying again can't change it, so that
    nothing is tried again whatever the task's `retry` says. `wait_seconds`: the next attempt is not due before so long
    (Retry-After).
    """

    def __init__(
        self, kind: str, message: str, result: object = None, *, final: bool = False, wait_seconds: float = 0.0
    ) -> None:
        super().__init__(message)
        self.kind, self.result = kind, result
        self.final, self.wait_seconds = final, wait_seconds


@dataclass(frozen=True, slots=True)
class Reached:
    """What an attempt that is stopped had come to (JSON): it travels in the arguments of the cancellation."""

    result: object
