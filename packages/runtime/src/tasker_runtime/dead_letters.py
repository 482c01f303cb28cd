"""Dead letters: what no service can use, kept whole for people, with where it came from and why it is here."""

import hashlib

from tasker_runtime.kafka import Record, Sender

MAX_VALUE_BYTES = 512 * 1024


class DeadLetters:
    """Writes to the dead-letters topic; an acknowledgement comes before the source's offset may move on."""

    def __init__(self, sender: Sender, topic: str, service: str) -> None:
        self._sender, self._topic, self._service = sender, topic, service

    async def bury(self, record: Record, reason: str) -> None:
        """Keep a record. Raises KafkaError or KafkaTimeout when not acknowledged: then it must not be passed over.

        A value over 512 KiB is cut; its whole size and SHA-256 are in the headers.
        """
        value = record.value or b""
        about = {
            "service": self._service,
            "topic": record.topic,
            "partition": str(record.partition),
            "offset": str(record.offset),
            "reason": reason[:1000],
            "size": str(len(value)),
            "sha256": hashlib.sha256(value).hexdigest(),
        }
        await self._sender.send(
            self._topic,
            value[:MAX_VALUE_BYTES],
            key=record.key,
            headers=[(f"tasker-{name}", text.encode()) for name, text in about.items()],
        )
