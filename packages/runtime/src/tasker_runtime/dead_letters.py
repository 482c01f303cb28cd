"""Dead letters: what no service can use, kept whole for people, with where it came from and why it is here.

A dead letter is the record as it was: its key, its value, and behind the headers of ours its own.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tasker_core.errors import TaskerError
from tasker_runtime.kafka import Record, Sender

MAX_VALUE_BYTES = 512 * 1024
MAX_AROUND_BYTES = 128 * 1024
"""So much of a key, and so much of all headers together: a dead letter must fit whatever it is of."""

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
"""What each header of ours says, in their order; behind the last one come the record's own."""
OPTIONAL_HEADERS: Final = frozenset({"tasker-cut"})
"""Those that are there only if they have something to say."""


class NotALetter(TaskerError):
    """A record in the dead-letters topic that no service of ours wrote."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter as it was kept. `size` and `sha256` are of the whole value, `cut` names what is not all there.

    `buried_ms` is when (epoch milliseconds); `key`, `value` and `headers` are those of the record that came from
    `topic`, `source_partition`, `source_offset`.
    """

    partition: int
    offset: int
    buried_ms: int
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


class DeadLetters:
    """Writes to the dead-letters topic; an acknowledgement comes before the source's offset may move on."""

    def __init__(self, sender: Sender, topic: str, service: str) -> None:
        self._sender, self._topic, self._service = sender, topic, service

    async def bury(self, record: Record, reason: str) -> None:
        """Keep a record. Raises KafkaError or KafkaTimeout when not acknowledged: then it must not be passed over.

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
            "service": self._service,
            "topic": record.topic,
            "partition": str(record.partition),
            "offset": str(record.offset),
            "reason": reason[:1000],
            "size": str(len(value)),
            **({"cut": ",".join(cut)} if cut else {}),
            "sha256": hashlib.sha256(value).hexdigest(),
        }
        ours = [(PREFIX + name, text.encode(errors="replace")) for name, text in about.items()]
        await self._sender.send(self._topic, value[:MAX_VALUE_BYTES], key=key, headers=[*ours, *headers])


def letter_of(record: Record) -> DeadLetter:
    """A record of the dead-letters topic as what it is. Raises NotALetter."""
    names = [name for name, _ in record.headers]
    if _LAST not in names:
        raise NotALetter(f"partition {record.partition}, offset {record.offset}")
    ours = names.index(_LAST) + 1
    told = {name.removeprefix(PREFIX): raw.decode(errors="replace") for name, raw in record.headers[:ours]}
    try:
        return DeadLetter(
            partition=record.partition,
            offset=record.offset,
            buried_ms=record.timestamp,
            service=told["service"],
            topic=told["topic"],
            source_partition=int(told["partition"]),
            source_offset=int(told["offset"]),
            reason=told["reason"],
            size=int(told["size"]),
            sha256=told["sha256"],
            cut=_cut(told.get("cut", ""), int(told["size"])),
            key=record.key,
            value=record.value or b"",
            headers=record.headers[ours:],
        )
    except (KeyError, ValueError) as error:
        raise NotALetter(f"partition {record.partition}, offset {record.offset}: {error}") from None


def _cut(told: str, size: int) -> tuple[str, ...]:
    named = tuple(name for name in told.split(",") if name)
    # Letters of the first release name nothing.
    return ("value", *named) if size > MAX_VALUE_BYTES and "value" not in named else named
