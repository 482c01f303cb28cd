"""PURE. What can run besides the built-in handlers: what executors announced on `handlers`, the last word of each name.

A record that is not of the contract is as if it were not there. One whose schema alone is unusable announces all the
same: whose handler it is decides who runs it; only its payloads can't be checked.
"""

import re
from dataclasses import dataclass, field
from typing import Final

import msgspec
from pydantic import JsonValue

from tasker_core.errors import FieldError
from tasker_core.handlers.built_in import BUILT_IN, payload_errors
from tasker_core.handlers.payload_schema import PayloadSchema, UnusableSchema
from tasker_core.messages.announcements import HandlerAnnounced, decode_announcement
from tasker_core.messages.base import NULL

MAX_RECORD_BYTES: Final = 256 * 1024
NAME_PATTERN: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
GROUP_PATTERN: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}"
_MAX_NAMES: Final = 30


@dataclass(frozen=True, slots=True)
class AnnouncedHandler:
    """A handler as its executors announced it. `problem`: why payloads can't be checked against its schema."""

    announcement: HandlerAnnounced
    schema: PayloadSchema | None = None
    problem: str | None = None


def parse_announcement(key: bytes | None, value: bytes | None) -> tuple[str, AnnouncedHandler | None]:
    """The name and what was announced of it; None when it was withdrawn. Raises ValueError when it is neither."""
    name = (key or b"").decode()
    if re.fullmatch(NAME_PATTERN, name) is None:
        raise ValueError(f"the key is the handler's name ({NAME_PATTERN}), not {name[:100]!r}")
    if name in BUILT_IN:
        raise ValueError(f"{name} is a handler of Tasker itself; choose another name")
    if value is None:
        return name, None
    if len(value) > MAX_RECORD_BYTES:
        raise ValueError(f"{len(value)} bytes; an announcement has at most {MAX_RECORD_BYTES}")
    announcement = decode_announcement(value)
    if announcement.name != name:
        raise ValueError(f"the key says {name!r}, the announcement {announcement.name[:100]!r}")
    if re.fullmatch(GROUP_PATTERN, announcement.group) is None:
        raise ValueError(f"the executors' group ({GROUP_PATTERN}) is not {announcement.group[:100]!r}")
    if announcement.payload_schema == NULL:
        return name, AnnouncedHandler(announcement)
    try:
        return name, AnnouncedHandler(announcement, PayloadSchema(bytes(announcement.payload_schema)))
    except UnusableSchema as error:
        return name, AnnouncedHandler(announcement, problem=f"the payload schema can't be used: {error}")


@dataclass(slots=True)
class HandlerRegistry:
    """Every announced handler by its name, as far as the records are read."""

    by_name: dict[str, AnnouncedHandler] = field(default_factory=dict[str, AnnouncedHandler])

    def apply(self, key: bytes | None, value: bytes | None) -> str | None:
        """Take in the next record; returns what is wrong with it, if anything."""
        try:
            name, announced = parse_announcement(key, value)
        except (ValueError, msgspec.DecodeError, RecursionError) as error:
            return f"ignored: {error}"
        if announced is None:
            self.by_name.pop(name, None)
            return None
        self.by_name[name] = announced
        return announced.problem

    def errors(self, handler: str, payload: JsonValue) -> list[FieldError]:
        """What is wrong with a task's handler and payload; pointers are from the task."""
        if handler in BUILT_IN:
            return payload_errors(handler, payload)
        announced = self.by_name.get(handler)
        if announced is None:
            names = [*BUILT_IN, *sorted(self.by_name)]
            choices = ", ".join(names[:_MAX_NAMES]) + (" …" if len(names) > _MAX_NAMES else "")
            return [FieldError(pointer="/handler", message=f"unknown handler; choose one of {choices}")]
        found = [] if announced.schema is None else announced.schema.errors(payload)
        return [FieldError(pointer="/payload" + e.pointer, message=e.message) for e in found]

    def group_of(self, handler: str) -> str | None:
        """Whose a handler is: the group of the executors that announced it, None when nobody did."""
        announced = self.by_name.get(handler)
        return None if announced is None else announced.announcement.group
