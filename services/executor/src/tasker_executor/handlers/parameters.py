"""The payload of a run as a handler's parameters."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from pydantic import ValidationError

from tasker_core.errors import field_errors
from tasker_core.messages import Run
from tasker_executor.attempt_failure import AttemptFailed

T = TypeVar("T")


def parse_payload(run: Run, parse: Callable[[Any], T]) -> T:
    """The parameters in a run's payload.

    Raises AttemptFailed: payloads of saved tasks were checked, but not those of an older or another producer of runs.
    """
    try:
        return parse(msgspec.json.decode(run.payload))
    except msgspec.DecodeError as error:
        raise AttemptFailed("invalid_payload", f"the payload is no JSON: {error}", final=True) from None
    except ValidationError as error:
        errors = field_errors(error.errors(include_url=False))
        text = "; ".join(f"/payload{one.pointer}: {one.message}" for one in errors)
        message = f"{text}; save the task with a payload that is right"
        raise AttemptFailed("invalid_payload", message, final=True) from None
