"""The payload of a run as a handler's parameters."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from pydantic import ValidationError

from tasker_core.errors import field_errors
from tasker_core.messages import Run
from tasker_executor.failure import Failed

T = TypeVar("T")


def parsed(run: Run, parse: Callable[[Any], T]) -> T:
    """The parameters in a run's payload.

    Raises Failed: what was saved has been checked, but not what an older or another producer has emitted.
    """
    try:
        return parse(msgspec.json.decode(run.payload))
    except msgspec.DecodeError as error:
        raise Failed("invalid_payload", f"the payload is no JSON: {error}", final=True) from None
    except ValidationError as error:
        found = field_errors(error.errors(include_context=False, include_url=False))
        told = "; ".join(f"/payload{one.pointer}: {one.message}" for one in found)
        raise Failed("invalid_payload", f"{told}; save the task with a payload that is right", final=True) from None
