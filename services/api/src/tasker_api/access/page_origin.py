"""PURE. Of which host a page is that makes a request."""

from urllib.parse import urlsplit


def is_origin_at(origin: str, host: str | None) -> bool:
    """Whether an `Origin` (RFC 6454) is of a `Host`; one that is none is of no host."""
    try:
        return urlsplit(origin).netloc == host
    except ValueError:
        return False
