"""PURE. YAML files of tasks, `tasks: [...]` or a bare list, read event by event."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, cast

import yaml

from tasker_core.task_files.entries import (
    MAX_MARKS,
    Entry,
    FaultyEntry,
    FileObject,
    UnreadableTaskFile,
    task_of,
    too_many_marks,
)
from tasker_core.task_files.yaml_values import YamlNode, YamlValue

MAX_ANCHORS: Final = 1_000
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_FORM: Final = "a file of tasks is a list of them, or tasks: with a list"
_NEEDS_QUOTES: Final = re.compile("alias|cannot start any token|mapping values|anchor|tag")
_QUOTES: Final = "; what begins with one of * @ & ! % or has a colon in it needs quotes, as in cron: '*/5 * * * *'"


def yaml_entries(pieces: Iterable[str]) -> Iterator[Entry]:
    """The tasks of a list. Raises UnreadableTaskFile."""
    events = _Events(pieces)
    events.expect(yaml.StreamStartEvent, "")
    if isinstance(events.peek(), yaml.StreamEndEvent):
        raise UnreadableTaskFile(1, f"is empty: {_FORM}")
    events.expect(yaml.DocumentStartEvent, "")
    if is_object := isinstance(events.peek(), yaml.MappingStartEvent):
        events.take()
        name = events.peek()
        if not isinstance(name, yaml.ScalarEvent) or name.value != "tasks":
            is_task = isinstance(name, yaml.ScalarEvent) and name.value in (
                "id",
                "schedule",
                "name",
                "handler",
                "payload",
            )
            raise events.unreadable(f"{'is one task' if is_task else 'has other fields than tasks'}: {_FORM}")
        events.take()
    events.expect(yaml.SequenceStartEvent, f"has no list where it must be: {_FORM}")
    yield from _items(events)
    if is_object:
        events.expect(yaml.MappingEndEvent, f"has more than the tasks: {_FORM}, and nothing else")
    events.expect(yaml.DocumentEndEvent, "")
    events.expect(yaml.StreamEndEvent, "has another document behind ---: put all tasks into one list")


def _items(events: "_Events") -> Iterator[Entry]:
    anchors: dict[str, YamlNode] = {}
    while not isinstance(events.peek(), yaml.SequenceEndEvent):
        line, value, taken = events.line, YamlValue(anchors), 1
        while not value.take(events.take()):
            taken += 1
            if taken > MAX_MARKS:
                raise too_many_marks(line)
        if len(anchors) > MAX_ANCHORS:
            raise UnreadableTaskFile(line, f"has more than {MAX_ANCHORS:,} anchors (&name)")
        wrong = value.wrong
        yield FaultyEntry(line, wrong) if wrong is not None else task_of(FileObject(line, value.value))
    events.take()


class _Events:
    """The events of the parser, the next one in view."""

    def __init__(self, pieces: Iterable[str]) -> None:
        parse = cast("Callable[..., Iterator[yaml.Event]]", yaml.parse)  # pyright: ignore[reportUnknownMemberType]
        self._events = parse(_Stream(pieces), Loader=yaml.CSafeLoader)
        self._next: yaml.Event | None = None

    @property
    def line(self) -> int:
        """Where the next event is."""
        return _line(self.peek())

    def peek(self) -> yaml.Event:
        """The next event, which stays. Raises UnreadableTaskFile."""
        if self._next is None:
            try:
                self._next = next(self._events)
            except yaml.MarkedYAMLError as error:
                mark = error.problem_mark or error.context_mark
                why = ", ".join(part for part in (error.problem, error.context) if part)
                hint = _QUOTES if _NEEDS_QUOTES.search(why) else ""
                raise UnreadableTaskFile(1 if mark is None else mark.line + 1, f"is no YAML: {why}{hint}") from None
            except yaml.YAMLError as error:
                raise UnreadableTaskFile(1, f"is no YAML: {str(error).splitlines()[0]}") from None
        return self._next

    def take(self) -> yaml.Event:
        """The next event."""
        event = self.peek()
        self._next = None
        return event

    def expect(self, kind: type[yaml.Event], else_wrong: str) -> None:
        """Take an event of this kind. Raises UnreadableTaskFile."""
        if not isinstance(self.peek(), kind):
            raise self.unreadable(else_wrong or f"is not as expected: {_FORM}")
        self.take()

    def unreadable(self, why: str) -> UnreadableTaskFile:
        """The error, with the place of the next event."""
        return UnreadableTaskFile(self.line, why)


def _line(event: yaml.Event) -> int:
    mark = cast("Any", event).start_mark
    return 1 if mark is None else mark.line + 1


class _Stream:
    """The pieces as the parser reads them. Control characters it would refuse without saying where."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self._pieces = iter(pieces)
        self._rest = ""
        self._line = 1

    def read(self, size: int) -> str:
        """At most `size` characters, at least one before the end. Raises UnreadableTaskFile."""
        self._rest = self._rest or next(self._pieces, "")
        part, self._rest = self._rest[:size], self._rest[size:]
        if found := _CONTROL.search(part):
            line = self._line + part.count("\n", 0, found.start())
            raise UnreadableTaskFile(line, f"holds the control character U+{ord(found[0]):04X}: remove it")
        self._line += part.count("\n")
        return part
