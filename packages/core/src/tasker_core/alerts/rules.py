"""The entries of `notify` as the ticker reads them: which of them a change of a task's state concerns."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import msgspec
from msgspec import UNSET, Raw, UnsetType

from tasker_core.messages.alerts import AlertedChange, AlertWord
from tasker_core.time.duration import parse_duration


class AlertRule(msgspec.Struct, frozen=True, gc=False):
    """One entry of an accepted task's `notify`."""

    on: tuple[AlertWord, ...]
    late: str | None = None
    webhook: Raw | UnsetType = UNSET
    kafka: Raw | UnsetType = UNSET

    @property
    def target(self) -> bytes:
        """Who is told, as JSON."""
        if self.webhook is not UNSET:
            return b'{"webhook":' + bytes(self.webhook) + b"}"
        return b'{"kafka":' + bytes(self.kafka or b"null") + b"}"

    @property
    def late_seconds(self) -> int:
        """How late is late, 0 when that is not told."""
        return 0 if self.late is None else int(parse_duration(self.late).total_seconds())

    def concerns(self, change: AlertedChange) -> bool:
        """Whether its target is told of a change.

        Of a recovery it is told if it is told of what is over; with `recovered` alone, of that from failures.
        """
        if change.change not in self.on:
            return False
        if change.change == "late" or change.after == "late":
            return "late" in self.on and change.late == self.late
        if change.after == "failed":
            return "failed" in self.on or "late" not in self.on
        return True


_decode: Final[Callable[[bytes], tuple[AlertRule, ...]]] = msgspec.json.Decoder(tuple[AlertRule, ...]).decode


class AlertRules:
    """All entries of a task."""

    def __init__(self, entries: tuple[AlertRule, ...]) -> None:
        self._entries = tuple((rule, rule.target) for rule in entries)
        words = {word for rule in entries for word in rule.on}
        written = {rule.late_seconds: rule.late for rule in entries if rule.late is not None}
        self.latenesses: dict[int, str] = dict(sorted(written.items()))
        """How late is late, in seconds, ascending, and as it is written."""
        self.of_failures = bool(words & {"failed", "recovered"})
        self.of_misses = "missed" in words
        self.needs_ends = bool(self.of_failures or self.latenesses)
        """Whether executors have to report how runs end."""

    def targets(self, change: AlertedChange) -> list[bytes]:
        """Who is told of a change, each once."""
        return list(dict.fromkeys(target for rule, target in self._entries if rule.concerns(change)))


@lru_cache(maxsize=4096)
def rules_of(notify: bytes) -> AlertRules:
    """The rules in the JSON of `notify`, as accepted. Raises msgspec.MsgspecError."""
    return AlertRules(_decode(notify))
