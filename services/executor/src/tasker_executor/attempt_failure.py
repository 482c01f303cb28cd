"""PURE. How a handler reports that its attempt failed."""

from dataclasses import dataclass

from tasker_core.errors import TaskerError


class AttemptFailed(TaskerError):
    """The attempt failed. `kind` is a word for programs, the message a sentence for people that says what to do.

    `result` is what was received all the same (JSON, None: nothing). `final`: another attempt cannot change it, so
    there is none, whatever the task's `retry` says. `wait_seconds`: the next attempt is not due earlier (Retry-After).
    """

    def __init__(
        self, kind: str, message: str, result: object = None, *, final: bool = False, wait_seconds: float = 0.0
    ) -> None:
        super().__init__(message)
        self.kind, self.result = kind, result
        self.final, self.wait_seconds = final, wait_seconds


@dataclass(frozen=True, slots=True)
class PartialResult:
    """What a stopped attempt had reached (JSON): it travels in the arguments of the cancellation."""

    result: object
