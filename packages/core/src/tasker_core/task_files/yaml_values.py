"""PURE. One YAML value out of the parser's events: no objects of Python, no names twice, aliases within bounds."""

from dataclasses import dataclass, field
from typing import Any, Final, cast

import yaml

from tasker_core.task_files.entries import MAX_ENTRY, UnreadableTaskFile
from tasker_core.task_files.yaml_scalars import plain_value

MAX_DEPTH: Final = 300
"""Somewhat more than a task can have: its payload may be nested 254 levels deep."""
_MERGE: Final = "<<"
_TEXT_TAG: Final = "tag:yaml.org,2002:str"
_CONTAINER_TAGS: Final = (None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


@dataclass(slots=True)
class YamlNode:
    """A value with its size: how many characters and values it is when its aliases are written out."""

    value: Any
    size: int


@dataclass(slots=True)
class _Container:
    """A list or an object that is being read; `key` is the name whose value comes next."""

    anchor: str | None
    is_object: bool
    items: list[Any] = field(default_factory=list[Any])
    members: dict[str, Any] = field(default_factory=dict[str, Any])
    merged: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    key: str | None = None
    is_merging: bool = False
    size: int = 1


class YamlValue:
    """Takes the events of one value. What is wrong with it is kept, and the events are taken to its end all the same.

    `anchors` are those of the document so far; those of this value are added.
    """

    def __init__(self, anchors: dict[str, YamlNode]) -> None:
        self._anchors = anchors
        self._open = list[_Container]()
        self._depth = 0
        self.value: Any = None
        self.wrong: str | None = None

    def take(self, event: yaml.Event) -> bool:
        """The next event; True when the value is whole.

        Raises UnreadableTaskFile for what is nested so deeply that the parser becomes slow: at each word it looks at
        each level.
        """
        if isinstance(event, yaml.CollectionStartEvent):
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise UnreadableTaskFile(event.start_mark.line + 1, f"is nested more than {MAX_DEPTH} levels deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            self._depth -= 1
        if self.wrong is None:
            try:
                self._add(event)
            except ValueError as error:
                self.wrong = str(error)
                self._open.clear()
        return self._depth == 0

    def _add(self, event: yaml.Event) -> None:
        match event:
            case yaml.CollectionStartEvent():
                self._begin(event)
            case yaml.CollectionEndEvent():
                done = self._open.pop()
                node = YamlNode({**_united(done.merged), **done.members} if done.is_object else done.items, done.size)
                self._finish(node, done.anchor)
            case yaml.ScalarEvent():
                if self._is_name_next():
                    self._name(event.value, is_merging=event.value == _MERGE and event.implicit[0])
                else:
                    self._finish(YamlNode(_scalar(event), 1 + len(event.value)), event.anchor)
            case yaml.AliasEvent():
                if (known := self._anchors.get(event.anchor)) is None:
                    raise ValueError(f"has *{event.anchor[:60]}, but no &{event.anchor[:60]} stands before it")
                if self._is_name_next():
                    self._name(known.value)
                else:
                    self._finish(known, None)
            case _:
                raise AssertionError(f"no event of a value: {event}")

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        if event.tag not in _CONTAINER_TAGS:
            raise ValueError(
                f"has the tag {event.tag[:60]}: remove it, a task has only texts, numbers, lists and objects"
            )
        if self._is_name_next():
            raise ValueError("has a list or an object as a name: a value that has { in it needs quotes")
        self._open.append(_Container(event.anchor, isinstance(event, yaml.MappingStartEvent)))

    def _is_name_next(self) -> bool:
        return bool(self._open) and self._open[-1].is_object and self._open[-1].key is None

    def _name(self, name: Any, *, is_merging: bool = False) -> None:
        holder = self._open[-1]
        if not isinstance(name, str):
            raise ValueError("has an alias as a name that is no text")
        if name in holder.members:
            raise ValueError(f"has {name[:60]!r} more than once in one object: remove one")
        holder.key, holder.is_merging = name, is_merging
        self._grow(holder, 1 + len(name))

    def _finish(self, node: YamlNode, anchor: str | None) -> None:
        """A value is whole: put it where it belongs."""
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            self.value = node.value
            return
        holder = self._open[-1]
        self._grow(holder, node.size)
        if not holder.is_object:
            holder.items.append(node.value)
        elif holder.is_merging:
            holder.merged += _mergeable(node.value)
            holder.key = None
        else:
            assert holder.key is not None, "a value follows its name"
            holder.members[holder.key] = node.value
            holder.key = None

    def _grow(self, holder: _Container, size: int) -> None:
        holder.size += size
        if holder.size > MAX_ENTRY:
            raise ValueError(
                f"is longer than {MAX_ENTRY:,} characters with its aliases written out, more than any task"
            )


def _scalar(event: yaml.ScalarEvent) -> Any:
    is_plain, is_text = event.implicit
    if event.tag in (_TEXT_TAG, "!") or (is_text and not is_plain):
        return event.value
    if is_plain:
        return plain_value(event.value)
    raise ValueError(f"has the tag {event.tag[:60]}: remove it, a task has only texts, numbers, lists and objects")


def _mergeable(value: Any) -> list[dict[str, Any]]:
    found = cast("list[Any]", value) if isinstance(value, list) else [value]
    if not all(isinstance(one, dict) for one in found):
        raise ValueError("merges (<<) what is no object")
    return found


def _united(merged: list[dict[str, Any]]) -> dict[str, Any]:
    """Of several the first one has a name (yaml.org/type/merge)."""
    return {name: value for one in reversed(merged) for name, value in one.items()}
