"""PURE. A task event that the API is to publish."""

from dataclasses import dataclass
from typing import Any

import msgspec

from tasker_core.messages.verdicts import Channel


@dataclass(frozen=True, slots=True)
class Command:
    """One event to publish. Where it is `repeatable`, the same one may have been published before.

    `key`: the `Idempotency-Key` under which its request makes it again, given by the client or minted; None: its id.
    `digest` (if there is one) identifies the content, so that the same key with another content is noticed.
    `if_version` 0: only create. `change_set`: of which it is part.
    """

    event_id: str
    task_id: str
    type: str
    data: dict[str, Any]
    digest: str | None
    channel: Channel = "rest"
    actor: str | None = None
    if_version: int | None = None
    repeatable: bool = False
    key: str | None = None
    change_set: str | None = None

    def encoded(self) -> bytes:
        """The event in the short form of the wire contract."""
        envelope = {"type": self.type, "id": self.event_id, "channel": self.channel}
        if self.digest is not None:
            envelope["digest"] = self.digest
        if self.actor is not None:
            envelope["actor"] = self.actor
        if self.change_set is not None:
            envelope["change_set"] = self.change_set
        condition = {} if self.if_version is None else {"if_version": self.if_version}
        return msgspec.json.encode(envelope | condition | self.data)
