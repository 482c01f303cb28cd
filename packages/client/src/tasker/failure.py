"""How a handler says that an attempt failed."""


class Failed(Exception):
    """The attempt failed. Anything else that a handler raises is a failure of the kind `error`.

    `kind` is a word for programs (such as `no_stock`), the message a sentence for people with the way out. `retry`:
    whether another attempt, if the task has any left, may fare better. `result` is what was reached all the same, as
    JSON.
    """

    def __init__(self, kind: str, message: str, *, retry: bool = True, result: object = None) -> None:
        super().__init__(message)
        self.kind, self.message, self.retry, self.result = kind, message, retry, result
