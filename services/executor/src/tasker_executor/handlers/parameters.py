"""The payload of a run as a handler's parameters."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar

import msgspec
from pydantic import ValidationError

from tasker_core.errors import field_errors
from tasker_core.messages.runs import Run
from tasker_executor.attempt_failure import AttemptFailed

T = TypeVar("T")
MAX_REMEMBERED: Final = 1_000
MAX_REMEMBERED_BYTES: Final = 4 * 1024


class PayloadParser(Generic[T]):
    """Makes parameters of payloads. Short ones are remembered: most runs of a task have the same.

    What `parse` makes is shared, so nobody changes it.
    """

    def __init__(self, parse: Callable[[Any], T]) -> None:
        self._parse = parse
        self._remembered = lru_cache(maxsize=MAX_REMEMBERED)(self._parsed)

    def __call__(self, run: Run) -> T:
        """The parameters in a run's payload.

        Raises AttemptFailed: payloads of saved tasks were checked, but not those of an older or another producer of
        runs.
        """
        payload = bytes(run.payload)
        return self._remembered(payload) if len(payload) <= MAX_REMEMBERED_BYTES else self._parsed(payload)

    def _parsed(self, payload: bytes) -> T:
        try:
            return self._parse(msgspec.json.decode(payload))
        except msgspec.DecodeError as error:
            raise AttemptFailed("invalid_payload", f"the payload is no JSON: {error}", final=True) from None
        except ValidationError as error:
            errors = field_errors(error.errors(include_url=False))
            text = "; ".join(f"/payload{one.pointer}: {one.message}" for one in errors)
            message = f"{text}; save the task with a payload that is right"
            raise AttemptFailed("invalid_payload", message, final=True) from None
