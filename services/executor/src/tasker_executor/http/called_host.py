"""PURE. Where a call goes: whom its runs share."""

from urllib.parse import urlsplit

import msgspec

from tasker_core.handlers.parameters.secret_references import sheltered
from tasker_core.messages import Run


class _Target(msgspec.Struct):
    url: str


_payload = msgspec.json.Decoder(str | _Target).decode


def called_place(run: Run) -> str | None:
    """The host and port that the URL in a payload names, such as `//example.com:443`; None when it names none."""
    try:
        payload = _payload(run.payload)
        url = urlsplit(sheltered(payload if isinstance(payload, str) else payload.url))
        port = url.port or {"http": 80, "https": 443}[url.scheme]
    except (msgspec.DecodeError, KeyError, ValueError, RecursionError):
        return None
    return f"//{url.hostname}:{port}" if url.hostname else None
