"""The key that a request shows: in its header, or in the cookie of somebody who has signed in."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from starlette.requests import cookie_parser

COOKIE: Final = "tasker_key"
SCHEME: Final = "bearer"


class WrongCredentials(ValueError):
    """What is there is no key; the message says what to send."""


class Credentials(NamedTuple):
    """What a request shows. `by_cookie`: its page has signed in."""

    key: str | None
    by_cookie: bool = False


def credentials(headers: Iterable[tuple[bytes, bytes]], *, own_page: bool) -> Credentials:
    """The key in the header `Authorization`, else in the cookie, which counts on Tasker's own pages only.

    Raises WrongCredentials.
    """
    given = list(headers)
    shown = [value for name, value in given if name == b"authorization"]
    if len(shown) > 1:
        raise WrongCredentials(f"there are {len(shown)} headers `Authorization`: send one")
    if shown:
        scheme, _, key = shown[0].decode("latin-1").strip().partition(" ")
        if scheme.lower() != SCHEME or not key.strip():
            raise WrongCredentials("the header `Authorization` holds no key: send `Authorization: Bearer tsk_…`")
        return Credentials(key.strip())
    if not own_page:
        return Credentials(None)
    cookies = [value.decode("latin-1") for name, value in given if name == b"cookie"]
    return Credentials(cookie_parser("; ".join(cookies)).get(COOKIE) or None, by_cookie=True)
