"""The payload of a triggered run: the trigger's instead of the task's, or the task's with other `data`."""

import msgspec
from msgspec import Raw
from pydantic import JsonValue


def triggered_payload(handler: str, own: Raw | str, given: JsonValue) -> JsonValue:
    """What the run gets, to be checked like any payload. `own` is the task's payload (JSON).

    A payload replaces the task's whole. Only `{"data": {…}}` for `http`, which alone would be no call, is the task's
    call with these fields of `data` in place of, or beside, its own.
    """
    if handler != "http" or not isinstance(given, dict) or given.keys() != {"data"}:
        return given
    call: JsonValue = msgspec.json.decode(own)
    if not isinstance(call, dict):
        return given
    default, data = call.get("data", {}), given["data"]
    if isinstance(default, dict) and isinstance(data, dict):
        data = default | data
    merged: dict[str, JsonValue] = {**call, "data": data}
    return merged
