"""PURE. Which host a run calls: that is what several runs share."""

from urllib.parse import urlsplit

import msgspec

from tasker_core.handlers.parameters.secret_references import is_reference, sheltered
from tasker_core.messages.runs import Run


class _PayloadWithUrl(msgspec.Struct):
    url: str


_decode_payload = msgspec.json.Decoder(str | _PayloadWithUrl).decode


def called_host(run: Run) -> str | None:
    """The host and port in the URL of a payload, such as `//example.com:443`; None when it has none.

    Of a URL that is a secret, the reference stands for its host.
    """
    try:
        payload = _decode_payload(run.payload)
        text = payload if isinstance(payload, str) else payload.url
        if is_reference(text):
            return text
        url = urlsplit(sheltered(text))
        port = url.port or {"http": 80, "https": 443}[url.scheme]
    except (msgspec.DecodeError, KeyError, ValueError, RecursionError):
        return None
    return f"//{url.hostname}:{port}" if url.hostname else None
