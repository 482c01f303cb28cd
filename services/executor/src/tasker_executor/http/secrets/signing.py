"""PURE. Signatures after Standard Webhooks 1.0 (standardwebhooks.com), symmetric: HMAC-SHA256 of id.timestamp.body."""

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256

_PREFIX = "whsec_"


def parse_signing_key(text: str) -> bytes:
    """The key in a secret such as `whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`. Raises ValueError."""
    try:
        key = b64decode(text.strip().removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("is no key for signing: whsec_ and the key in base64") from None
    if not key:
        raise ValueError("is no key for signing: it is empty")
    return key


def signature_headers(webhook_id: str, timestamp: int, body: bytes, keys: Iterable[bytes]) -> dict[str, str]:
    """The headers that sign a body; `timestamp` in epoch seconds. Several keys give several signatures."""
    content = f"{webhook_id}.{timestamp}.".encode() + body
    signatures = (b64encode(hmac.digest(key, content, sha256)).decode() for key in keys)
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
