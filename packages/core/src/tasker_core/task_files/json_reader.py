"""PURE. JSON files, `{"tasks": [...]}` or a bare list, and NDJSON: read task by task, never as a whole."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from tasker_core.task_files.entries import (
    MAX_ENTRY,
    MAX_MARKS,
    Entry,
    FaultyEntry,
    FileObject,
    UnreadableTaskFile,
    task_of,
    too_many_marks,
)
from tasker_core.task_files.json_values import json_value
from tasker_core.task_files.text_input import FileLine

MAX_DEPTH: Final = 500
_SPACE: Final = re.compile(r"[ \t\r\n]*+")
_STRING_PART: Final = re.compile(r'(?:[^"\\]++|\\.)*+', re.DOTALL)
_BETWEEN_TOKENS: Final = re.compile(r'[^"{}\[\]]*+')
_UP_TO_NEXT: Final = re.compile(r'[^"{}\[\],]*+')
_OPENING, _CLOSING, _ENDS = frozenset("{["), frozenset("}]"), frozenset("}],")
_FORM: Final = 'a file of tasks is a list of them, or {"tasks": [...]}'


def ndjson_entries(lines: Iterable[FileLine]) -> Iterator[Entry]:
    """A task in each line; blank ones are passed over."""
    for number, text in lines:
        if text is None:
            yield _too_long(number)
        elif text.strip():
            yield _entry(number, text)


def json_entries(pieces: Iterable[str]) -> Iterator[Entry]:
    """The tasks of a list. Raises UnreadableTaskFile."""
    text = _Text(pieces)
    if is_object := text.next_character() == "{":
        text.take("{", "")
        _take_name(text)
    text.take("[", f"has no list where it must be: {_FORM}")
    yield from _items(text)
    if is_object:
        text.take("}", f"has more than the tasks: {_FORM}, and nothing else")
    if text.next_character():
        raise UnreadableTaskFile(text.line, f"goes on behind its end: {_FORM}")


def _take_name(text: "_Text") -> None:
    line, name = text.line, None
    if text.next_character() == '"':
        name = json_value(text.value() or '""')
    if name != "tasks":
        alone = name in ("id", "schedule", "name", "handler", "payload")
        what = "is one task" if alone else "has other fields than tasks"
        raise UnreadableTaskFile(line, f"{what}: {_FORM}")
    text.take(":", "has no colon behind the name of a field")


def _items(text: "_Text") -> Iterator[Entry]:
    if text.next_character() == "]":
        text.take("]", "")
        return
    while True:
        if not text.next_character():
            raise UnreadableTaskFile(text.line, "ends within the list: a part of the file is missing")
        line, found = text.line, text.value()
        yield _too_long(line) if found is None else _entry(line, found)
        if text.next_character() == "]":
            text.take("]", "")
            return
        text.take(",", "has no comma between two tasks")


def _entry(line: int, text: str) -> Entry:
    try:
        return task_of(FileObject(line, json_value(text)))
    except ValueError as error:
        return FaultyEntry(line, str(error))


def _too_long(line: int) -> FaultyEntry:
    return FaultyEntry(line, f"is longer than {MAX_ENTRY:,} characters, more than any task can have")


class _Text:
    """A text that comes in pieces, of which one is held; `line` is that of the place reached."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self._pieces = iter(pieces)
        self._piece, self._at = "", 0
        self.line = 1

    def next_character(self) -> str:
        """The next one that is no blank, which stays; empty at the end."""
        while True:
            self._pass(_SPACE)
            if self._at < len(self._piece):
                return self._piece[self._at]
            if not self._peek():
                return ""

    def take(self, character: str, else_wrong: str) -> None:
        """Pass over what must come next. Raises UnreadableTaskFile."""
        if (found := self.next_character()) != character:
            raise UnreadableTaskFile(
                self.line, else_wrong if found else f"ends too early: a part of the file is missing; {_FORM}"
            )
        self._at += 1

    def value(self) -> str | None:
        """The value that begins here, as it is written; None when it is too long. Raises UnreadableTaskFile."""
        begun, depth, in_string = self.line, 0, False
        kept, length, marks = list[str](), 0, 0
        is_whole = False
        while not is_whole:
            part = self._pass(_STRING_PART if in_string else _BETWEEN_TOKENS if depth else _UP_TO_NEXT)
            mark = self._peek()
            if in_string:
                in_string = mark != '"'
                part += self._take() + (self._take() if mark == "\\" else "")
                is_whole = depth == 0 and not in_string
            elif mark in _ENDS and depth == 0:
                is_whole = True
            else:
                in_string = mark == '"'
                depth += (mark in _OPENING) - (mark in _CLOSING)
                part += self._take()
                is_whole = depth == 0 and mark in _CLOSING
                marks += 1
            if depth > MAX_DEPTH:
                raise UnreadableTaskFile(self.line, f"is nested more than {MAX_DEPTH:,} levels deep")
            if marks > MAX_MARKS:
                raise too_many_marks(begun)
            if not mark:
                raise UnreadableTaskFile(begun, "a task begins here that does not end: a bracket or a quote is missing")
            length += len(part)
            if length <= MAX_ENTRY:
                kept.append(part)
        return "".join(kept) if length <= MAX_ENTRY else None

    def _pass(self, pattern: "re.Pattern[str]") -> str:
        found = pattern.match(self._piece, self._at)
        assert found is not None, "each of the patterns matches the empty text"
        self._at = found.end()
        self.line += found[0].count("\n")
        return found[0]

    def _peek(self) -> str:
        """The next character, which stays; empty at the end."""
        if self._at == len(self._piece):
            self._piece, self._at = next(self._pieces, ""), 0
        return self._piece[self._at : self._at + 1]

    def _take(self) -> str:
        character = self._peek()
        self._at += len(character)
        self.line += character == "\n"
        return character
