"""PURE. Keeps secrets out of everything that is recorded, also where a server repeats them in another notation."""

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Any, Final, cast
from urllib.parse import quote, quote_plus

from tasker_executor.attempt_failure import AttemptFailed

REDACTED: Final = "[redacted]"


class Redaction:
    """Knows secrets, and replaces them in texts."""

    MIN_UNDECLARED_LENGTH: Final = 6
    """From this many characters on, a value that is no declared secret is replaced wherever it occurs."""
    _MIN_CUT_LENGTH: Final = 4

    def __init__(self) -> None:
        self._notations: set[str] = set()

    def add(self, secret: str) -> None:
        """Replace a value from now on."""
        self._notations.update(filter(None, _notations(secret)))

    def text(self, text: str, *, cut: bool = False) -> str:
        """The text without secrets; of a text that was `cut`, also without the beginning of one at its end."""
        if not self._notations:
            return text
        longest_first = sorted(self._notations, key=len, reverse=True)
        clean = re.sub("|".join(map(re.escape, longest_first)), REDACTED, text)
        if cut:
            rest = max((_beginning_at_end(clean, secret, self._MIN_CUT_LENGTH) for secret in longest_first), default=0)
            clean = clean[: len(clean) - rest] + REDACTED if rest else clean
        return clean

    def value(self, value: Any, *, cut: bool = False) -> Any:
        """A JSON value without secrets, also in its keys; the texts of an object that is `truncated` were cut."""
        if not self._notations:
            return value
        if isinstance(value, str):
            return self.text(value, cut=cut)
        if isinstance(value, dict):
            members = cast("dict[str, Any]", value)
            cut = cut or members.get("truncated") is True
            return {self.text(name): self.value(member, cut=cut) for name, member in members.items()}
        if isinstance(value, list):
            return [self.value(element, cut=cut) for element in cast("list[Any]", value)]
        return value

    def failure(self, failure: AttemptFailed) -> AttemptFailed:
        """A failure without secrets."""
        message, result = self.text(str(failure)), self.value(failure.result)
        return AttemptFailed(failure.kind, message, result, final=failure.final, wait_seconds=failure.wait_seconds)


def _notations(secret: str) -> Iterable[str]:
    """The ways in which a server may repeat a value."""
    quoted = (quote(secret, safe=""), quote_plus(secret))
    yield secret
    yield from quoted
    yield from (re.sub(r"%..", lambda escape: escape[0].lower(), text) for text in quoted)
    yield from (json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    yield html.escape(secret)
    yield b64encode(secret.encode()).decode()


def _beginning_at_end(text: str, secret: str, minimum: int) -> int:
    """How many characters at the end of a text are the beginning of a secret; 0 when they are fewer than `minimum`."""
    return next((n for n in range(min(len(secret) - 1, len(text)), minimum - 1, -1) if text.endswith(secret[:n])), 0)
