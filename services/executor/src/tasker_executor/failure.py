"""How a handler says that its attempt failed."""

from tasker_core.errors import TaskerError


class Failed(TaskerError):
    """The attempt failed. `kind` is a word for programs, the message a sentence for people with the way out.

    `result` is what was received all the same (JSON, None: nothing).
    """

    def __init__(self, kind: str, message: str, result: object = None) -> None:
        super().__init__(message)
        self.kind, self.result = kind, result
