"""PURE. What an AsyncAPI document, with its schemas, breaks for producers, executors and consumers."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tasker_contract.compatibility.schema_changes import Break, Located, Resolve, SchemaComparison, Side, within

Document = Mapping[str, Any]
Schemas = Mapping[str, Document]
"""By the paths by which the document refers to them."""
FOLDER: Final = "schemas"
_NO_CONTRACT: Final = frozenset({"ticker-state"})
_OF_TOPICS: Final = ("address", "bindings/kafka/partitions", "bindings/kafka/topicConfiguration/cleanup.policy")
_ONLY_SENT: Final = frozenset({"task-events"})
"""What Tasker reads and others write. All else is read by others, and records of earlier releases by Tasker."""


def message_breaks(old: Document, old_schemas: Schemas, new: Document, new_schemas: Schemas) -> list[Break]:
    """Every channel and message that is gone, and whatever of the others can no longer be sent or read."""
    found, resolve = list[Break](), (_resolver(old_schemas), _resolver(new_schemas))
    for name, channel in old["channels"].items():
        if name in _NO_CONTRACT:
            continue
        if name not in new["channels"]:
            found.append(Break(name, "is gone"))
            continue
        sides = (Side.SENT,) if name in _ONLY_SENT else (Side.SENT, Side.WRITTEN)
        found += _channel_breaks(name, channel, new["channels"][name], resolve, sides)
    return list(dict.fromkeys(found))


def _channel_breaks(
    name: str, old: Document, new: Document, resolve: tuple[Resolve, Resolve], sides: tuple[Side, ...]
) -> Iterator[Break]:
    for place in _OF_TOPICS:
        before, after = (_at(one, place) for one in (old, new))
        if before != after:
            yield Break(f"{name} {place}", f"was {before!r} and is {after!r}")
    for word, message in old["messages"].items():
        where = f"{name} {word}"
        if word not in new["messages"]:
            yield Break(where, "is gone")
            continue
        later = new["messages"][word]
        for part, before, after in (
            (part, *(_part(one, part) for one in (message, later))) for part in ("key", "headers", "payload")
        ):
            for side in sides:
                pair = Located(before, resolve[0]), Located(after, resolve[1])
                yield from SchemaComparison(side).breaks(*pair, f"{where} {part} ({side.value})")


def _part(message: Document, part: str) -> Document:
    return _at(message, "bindings/kafka/key") if part == "key" else message.get(part, {})


def _at(found: Any, place: str) -> Any:
    for name in place.split("/"):
        found = found.get(name, {})
    return found


def _resolver(schemas: Schemas, file: str = "") -> Resolve:
    """Resolves references from a file to itself and to the others; all schemas are beside one another."""

    def resolve(reference: str) -> tuple[Document, Resolve]:
        named, _, place = reference.partition("#")
        target = f"{FOLDER}/{named.rpartition('/')[2]}" if named else file
        return within(schemas[target])(place)[0], _resolver(schemas, target)

    return resolve
