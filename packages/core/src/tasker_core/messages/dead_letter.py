"""PURE. Dead letters: records that no service can use, kept whole for people, with their source and the reason.

A dead letter is the record as it was: its key, its value, and behind our headers its own.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tasker_core.errors import TaskerError
from tasker_core.kafka_record import Record

MAX_VALUE_BYTES = 512 * 1024
MAX_AROUND_BYTES = 128 * 1024
"""The limit of a key, and of all headers together: a dead letter must fit, whatever the record."""

PREFIX = "tasker-"
_LAST = f"{PREFIX}sha256"
HEADERS: Final = {
    "tasker-service": "who wrote it",
    "tasker-topic": "the topic of the record",
    "tasker-partition": "its partition there",
    "tasker-offset": "its offset there",
    "tasker-reason": "why it is here: a sentence for people",
    "tasker-size": "the bytes of its whole value",
    "tasker-cut": "what is not all there: `value`, `key`, `headers`, joined by commas",
    _LAST: "of its whole value, in hex",
}
"""What each of our headers holds, in their order; the record's own follow."""
OPTIONAL_HEADERS: Final = frozenset({"tasker-cut"})
"""Those that are left out when they are empty."""


class NotADeadLetter(TaskerError):
    """A record in the dead-letters topic that none of our services wrote."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter as it was read. `size` and `sha256` are of the whole value, `cut` names what is not all there.

    `written_ms` is when (epoch milliseconds); `key`, `value` and `headers` are those of the record that came from
    `topic`, `source_partition`, `source_offset`.
    """

    partition: int
    offset: int
    written_ms: int
    service: str
    topic: str
    source_partition: int
    source_offset: int
    reason: str
    size: int
    sha256: str
    cut: tuple[str, ...]
    key: bytes | None
    value: bytes
    headers: Sequence[tuple[str, bytes]]


def dead_letter_of(record: Record, reason: str, service: str) -> tuple[bytes, bytes | None, list[tuple[str, bytes]]]:
    """(value, key, headers) of the dead letter of a record that `service` can't use.

    A value over 512 KiB is cut, and so are a key or headers over 128 KiB; the headers say so.
    """
    value, key, headers = record.value or b"", record.key, [(name, one or b"") for name, one in record.headers]
    cut: list[str] = []
    if len(value) > MAX_VALUE_BYTES:
        cut.append("value")
    if key is not None and len(key) > MAX_AROUND_BYTES:
        key = key[:MAX_AROUND_BYTES]
        cut.append("key")
    if sum(len(name.encode()) + len(one) for name, one in headers) > MAX_AROUND_BYTES:
        headers = []
        cut.append("headers")
    about = {
        "service": service,
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "reason": reason[:1000],
        "size": str(len(value)),
        **({"cut": ",".join(cut)} if cut else {}),
        "sha256": hashlib.sha256(value).hexdigest(),
    }
    ours = [(PREFIX + name, text.encode(errors="replace")) for name, text in about.items()]
    return value[:MAX_VALUE_BYTES], key, [*ours, *headers]


def parse_dead_letter(record: Record) -> DeadLetter:
    """A record of the dead-letters topic as what it is. Raises NotADeadLetter."""
    names = [name for name, _ in record.headers]
    if _LAST not in names:
        raise NotADeadLetter(f"partition {record.partition}, offset {record.offset}")
    ours = names.index(_LAST) + 1
    found = {name.removeprefix(PREFIX): raw.decode(errors="replace") for name, raw in record.headers[:ours]}
    try:
        return DeadLetter(
            partition=record.partition,
            offset=record.offset,
            written_ms=record.timestamp,
            service=found["service"],
            topic=found["topic"],
            source_partition=int(found["partition"]),
            source_offset=int(found["offset"]),
            reason=found["reason"],
            size=int(found["size"]),
            sha256=found["sha256"],
            cut=_cut(found.get("cut", ""), int(found["size"])),
            key=record.key,
            value=record.value or b"",
            headers=record.headers[ours:],
        )
    except (KeyError, ValueError) as error:
        raise NotADeadLetter(f"partition {record.partition}, offset {record.offset}: {error}") from None


def _cut(names: str, size: int) -> tuple[str, ...]:
    named = tuple(name for name in names.split(",") if name)
    # Dead letters of the first release name nothing.
    return ("value", *named) if size > MAX_VALUE_BYTES and "value" not in named else named
