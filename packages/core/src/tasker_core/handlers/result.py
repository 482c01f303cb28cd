"""What a handler may return, wherever it runs: JSON of a limited size."""

from typing import Final

import msgspec

from tasker_core.errors import TaskerError
from tasker_core.messages.base import NULL, encode

MAX_RESULT_BYTES: Final = 512 * 1024


class UnusableResult(TaskerError):
    """A result that can't be recorded, now or after another attempt. `kind` is the word for programs."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def encode_result(result: object) -> msgspec.Raw:
    """A result as JSON. Raises UnusableResult when it is none, or too large."""
    if result is None:
        return NULL
    try:
        body = encode(result)
    except Exception as error:  # it may be an object that does anything when it is looked at
        raise UnusableResult("result_not_json", f"the handler's result is no JSON: {error}") from error
    if len(body) > MAX_RESULT_BYTES:
        fits = f"at most {MAX_RESULT_BYTES // 1024} KiB fit; return a reference instead"
        raise UnusableResult("result_too_large", f"the handler's result has {len(body)} bytes of JSON; {fits}")
    return msgspec.Raw(body)
