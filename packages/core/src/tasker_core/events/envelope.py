"""The envelope of task events: CloudEvents 1.0 (structured or binary), or the short form."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from tasker_core.errors import FieldError
from tasker_core.events.json_text import NotJson, decode_json
from tasker_core.trace_context import HEADER, TraceContext, parse_traceparent

ENVELOPE: Final = {
    "type": "what is wanted",
    "id": "names the event, so that a repetition is harmless; without one it is `<partition>-<offset>`",
    "source": "who sends it, where there is no `actor`",
    "actor": "who wants it",
    "channel": "by which way it came",
    "digest": "what the producer calls the content: its verdict bears it",
    "change_set": "the change-set that it is part of: its verdict bears it",
}
"""What stands around the data of an event, all of it optional but `type`."""


class Envelope(NamedTuple):
    """A message taken apart. `unreadable`: why there is no data in it; attributes there may be."""

    attributes: Mapping[str, Any]
    data: Mapping[str, Any]
    unreadable: FieldError | None = None


def open_envelope(value: bytes | None, ce: Mapping[str, bytes]) -> Envelope:
    """Take a message apart, by its value and its headers that begin with `ce_`; whatever it is."""
    headers = {name[3:]: raw.decode(errors="replace") for name, raw in ce.items()}
    if not value:
        return Envelope(headers, {}, _unreadable("empty"))
    try:
        body = decode_json(value)
    except NotJson as error:
        return Envelope(headers, {}, _unreadable(f"not JSON: {error}"))
    if not isinstance(body, dict):
        return Envelope(headers, {}, _unreadable("not a JSON object"))
    fields = cast("dict[str, Any]", body)
    if "type" in headers:
        return Envelope(headers, fields)
    if "specversion" in fields:
        data = fields.get("data")
        if not isinstance(data, dict):
            return Envelope(
                fields, {}, FieldError(pointer="/data", message="the data of a CloudEvent must be an object")
            )
        return Envelope(fields, cast("dict[str, Any]", data))
    return Envelope(fields, {name: field for name, field in fields.items() if not _is_attribute(name, field)})


def _is_attribute(name: str, field: object) -> bool:
    """Whether a field of the short form is of the envelope: the `change_set` of a `change-set` event is its data."""
    return name in ENVELOPE and not (name == "change_set" and isinstance(field, dict))


def _unreadable(what: str) -> FieldError:
    return FieldError(pointer="", message=f"{what}; send a JSON object with the `type` of what is wanted and its data")


def trace_of(attributes: Mapping[str, Any], headers: Sequence[tuple[str, bytes]]) -> TraceContext | None:
    """The trace in the record's header, else in a CloudEvent's attribute (its extension for distributed tracing)."""
    found = next((raw.decode(errors="replace") for name, raw in headers if name == HEADER), None)
    text = attributes.get(HEADER) if found is None else found
    return parse_traceparent(text) if isinstance(text, str) else None
