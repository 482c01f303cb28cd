"""PURE. The JSON Schemas of what Tasker's services write, from the structs that write it."""

from functools import cache
from inspect import cleandoc
from typing import Any, Final, cast

import msgspec

from tasker_core.messages.alerts import AlertMessage
from tasker_core.messages.announcements import HandlerAnnounced, TaskSuccessors
from tasker_core.messages.base import Message
from tasker_core.messages.calendars import CalendarDefined
from tasker_core.messages.runs import Cancel, ReportedEnd, Run, RunFinished, RunStarted
from tasker_core.messages.verdicts import BackfillEnded, Ended, Finished, Missed, Removed, Rescheduled, Verdict
from tasker_core.messages.watermark import Watermark
from tasker_core.topics import TopicName

Struct = type[msgspec.Struct]

STRUCTS: Final[dict[str, tuple[Struct, ...]]] = {
    "due": (Run, Cancel, ReportedEnd),
    "results": (RunStarted, RunFinished),
    "verdicts": (
        Verdict,
        Missed,
        Ended,
        BackfillEnded,
        Rescheduled,
        Finished,
        Removed,
    ),
    "handlers": (HandlerAnnounced,),
    "chains": (TaskSuccessors,),
    "calendars": (CalendarDefined,),
    "watermarks": (Watermark,),
    "alert": (AlertMessage,),
}
"""The name of a schema file → the messages that it describes."""

FILES: Final[dict[TopicName, str]] = {
    "due-tasks": "due",
    "due-background": "due",
    "results": "results",
    "verdicts": "verdicts",
    "handlers": "handlers",
    "chains": "chains",
    "calendars": "calendars",
    "watermarks": "watermarks",
}
"""The schema file of what services write to a topic."""


def schemas() -> dict[str, Any]:
    """The name of each file → its schema."""
    return {name: _of(*structs) for name, structs in STRUCTS.items()}


def message_name(struct: Struct) -> str:
    """The name of a message: its `type`, where it has one."""
    tag = struct.__struct_config__.tag
    return tag if isinstance(tag, str) else struct.__name__.lower()


def _of(*structs: Struct) -> dict[str, Any]:
    union: Any = _plain(structs[0])
    for struct in structs[1:]:
        union |= _plain(struct)
    return _dedented(msgspec.json.schema(union))


@cache
def _plain(struct: Struct) -> Any:
    """The same message with its raw JSON as any JSON, also in one inside: msgspec draws no schema of a raw default."""
    fields: list[tuple[str, Any, Any]] = []
    for field in msgspec.structs.fields(struct):
        kind: Any = field.type
        raw = kind is msgspec.Raw
        options: dict[str, Any] = {}
        if not field.required:
            options = {"default_factory": field.default_factory, "default": None if raw else field.default}
            del options["default" if field.default is msgspec.NODEFAULT else "default_factory"]
        shown: Any = Any if raw else _plain(kind) if _is_message(kind) else kind
        fields.append((field.name, shown, msgspec.field(name=field.encode_name, **options)))
    config, namespace = struct.__struct_config__, {"__doc__": struct.__doc__}
    return msgspec.defstruct(
        struct.__name__, fields, namespace=namespace, tag=config.tag, tag_field=config.tag_field, kw_only=True
    )


def _is_message(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Message)


def _dedented(schema: Any) -> Any:
    """The schema with the descriptions as they are meant: msgspec leaves a docstring's indentation in."""
    if isinstance(schema, list):
        return [_dedented(item) for item in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    found = cast("dict[str, Any]", schema)
    return {
        name: cleandoc(value) if name == "description" and isinstance(value, str) else _dedented(value)
        for name, value in found.items()
    }
