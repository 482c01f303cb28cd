"""PURE. Messages out of records, read without Tasker's own codecs; what is none is counted, and left out."""

import json
from collections.abc import Callable
from typing import Any, cast

Use = Callable[[dict[str, Any], Any], None]
"""Told a message and the record that it came in. Raises ValueError, KeyError or TypeError when it makes no sense."""


class MessageDecoder:
    """Decodes the records of tasks whose id begins with a prefix."""

    def __init__(self, task_prefix: str) -> None:
        self._task_prefix, self._key_prefix = task_prefix, task_prefix.encode()
        self.unreadable = 0
        self.first_unreadable: str | None = None
        """Where it is: topic, partition and offset, and what is wrong with it."""

    def of_tasks(self, use: Use) -> Callable[[Any], None]:
        """Hands on the messages about these tasks, known by the key of a record where it has one."""

        def handle(record: Any) -> None:
            if (record.key or self._key_prefix).startswith(self._key_prefix):
                self._decode(record, use_ours)

        def use_ours(message: dict[str, Any], record: Any) -> None:
            if message["task_id"].startswith(self._task_prefix):
                use(message, record)

        return handle

    def of_all(self, use: Use) -> Callable[[Any], None]:
        """Hands on every message."""
        return lambda record: self._decode(record, use)

    def _decode(self, record: Any, use: Use) -> None:
        if record.value is None:
            return
        try:
            message: Any = json.loads(record.value)
            if not isinstance(message, dict):
                raise TypeError("no object")
            use(cast("dict[str, Any]", message), record)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self.unreadable += 1
            place = f"{record.topic} partition {record.partition} offset {record.offset}"
            self.first_unreadable = self.first_unreadable or f"{place}: {type(error).__name__}: {str(error)[:100]}"
