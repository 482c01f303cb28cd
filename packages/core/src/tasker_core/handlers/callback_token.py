"""PURE. The token in a callback's URL: which attempt it reports about, and until when, signed.

`v1.` and, in URL-safe base64 without padding, the claims with their HMAC-SHA256 behind them. It holds nothing secret:
whoever has it may read which attempt it is about, and report its end, and nothing else.
"""

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from tasker_core.errors import TaskerError

CALLBACK_HEADER: Final = "Tasker-Callback-Url"
PATH: Final = "/api/v1/callbacks/"
MIN_SECRET_CHARACTERS: Final = 32
MAX_TOKEN_CHARACTERS: Final = 500
_VERSION: Final = "v1."
_CONTEXT: Final = b"tasker callback v1\n"
"""Before what is signed: a signature made for another purpose with the same key is none of ours."""
_DIGEST_BYTES: Final = 32


class WrongToken(TaskerError):
    """A token that was not made with any of these secrets."""


class CallbackClaims(NamedTuple):
    """What a token says. `deadline`: the epoch second until which the report must come."""

    task_id: str
    run_id: str
    attempt: int
    deadline: int


def callback_token(claims: CallbackClaims, secret: str) -> str:
    """The token of an attempt."""
    content = f"{claims.attempt}\n{claims.deadline}\n{claims.run_id}\n{claims.task_id}".encode()
    signature = hmac.digest(secret.encode(), _CONTEXT + content, sha256)
    return _VERSION + urlsafe_b64encode(content + signature).decode().rstrip("=")


def read_token(token: str, secrets: Sequence[str]) -> CallbackClaims:
    """What a token says that one of the secrets has signed. Raises WrongToken, whatever is wrong with it."""
    claims = _claims(token)
    # All are compared, each in constant time: how long it takes says nothing of a secret.
    if not sum(hmac.compare_digest(callback_token(claims, secret).encode(), token.encode()) for secret in secrets):
        raise WrongToken("the token is not ours")
    return claims


def callback_url(base_url: str, token: str) -> str:
    """Where the end of an attempt is reported."""
    return base_url.rstrip("/") + PATH + token


def _claims(token: str) -> CallbackClaims:
    """What a token says, whoever made it. Raises WrongToken."""
    try:
        if len(token) > MAX_TOKEN_CHARACTERS or not token.startswith(_VERSION):
            raise ValueError("of another kind")
        text = token.removeprefix(_VERSION)
        content = urlsafe_b64decode(text + "=" * (-len(text) % 4))[:-_DIGEST_BYTES].decode()
        attempt, deadline, run_id, task_id = content.split("\n")
        return CallbackClaims(task_id, run_id, int(attempt), int(deadline))
    except (ValueError, binascii.Error):
        raise WrongToken("the token is not ours") from None
