"""The tokens that calls use: kept until shortly before they expire, fetched by one request at a time for each."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

import aiohttp

from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.http.exchange import call
from tasker_executor.http.oauth2.token_request import TokenRequest, access_token
from tasker_executor.http.secrets.redaction import Redaction
from tasker_runtime.clock import Clock

FETCH_SECONDS = 15.0
"""How long a server has to give a token; the attempts that wait have their own time-outs besides."""
MAX_TOKENS = 1_000
MARGIN_SECONDS = 30.0
_MARGIN_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class _KeptToken:
    value: str
    good_until_ms: float


class AccessTokens:
    """Gets tokens over a session, which checks the addresses. They are in memory alone."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        *,
        fetch_seconds: float = FETCH_SECONDS,
        max_tokens: int = MAX_TOKENS,
    ) -> None:
        self._session, self._clock = session, clock
        self._fetch_seconds, self._max_tokens = fetch_seconds, max_tokens
        self._kept: OrderedDict[TokenRequest, _KeptToken] = OrderedDict()
        self._fetching: dict[TokenRequest, asyncio.Task[str]] = {}

    async def token(self, request: TokenRequest) -> str:
        """A token that is good. Raises AttemptFailed, the same for all that wait for it."""
        kept = self._kept.get(request)
        if kept is not None and self._clock.now_ms() < kept.good_until_ms:
            self._kept.move_to_end(request)
            return kept.value
        fetching = self._fetching.get(request)
        if fetching is None:
            fetching = asyncio.ensure_future(self._fetch(request))
            self._fetching[request] = fetching
            fetching.add_done_callback(lambda done: self._fetched(request, done))
        return await asyncio.shield(fetching)  # who is cancelled does not take the token from the others

    def discard(self, request: TokenRequest, token: str) -> None:
        """Forget a token that a server did not take, unless another one has come meanwhile."""
        kept = self._kept.get(request)
        if kept is not None and kept.value == token:
            del self._kept[request]

    async def _fetch(self, request: TokenRequest) -> str:
        host, redaction = request.url.host or "", Redaction()
        redaction.add(request.client_secret)
        redaction.add(request.credentials)
        asked_ms = self._clock.now_ms()
        try:
            async with asyncio.timeout(self._fetch_seconds):
                response = await call(self._session, request.request(), follow=False)
            token = access_token(response, host, self._clock.now_ms(), redaction.text)
        except TimeoutError:
            raise AttemptFailed("oauth2", f"{host} gave no token within {self._fetch_seconds:g} seconds") from None
        except AttemptFailed as failure:
            if failure.kind == "oauth2":
                raise redaction.failure(failure) from None
            message = redaction.text(f"no token from {host}: {failure}")
            raise AttemptFailed(failure.kind, message, final=failure.final) from None
        life = token.lifetime_seconds
        good_ms = asked_ms + (life - min(MARGIN_SECONDS, life * _MARGIN_SHARE)) * 1000
        self._kept[request] = _KeptToken(token.value, good_ms)
        self._kept.move_to_end(request)
        while len(self._kept) > self._max_tokens:
            self._kept.popitem(last=False)
        return token.value

    def _fetched(self, request: TokenRequest, done: asyncio.Task[str]) -> None:
        del self._fetching[request]
        if not done.cancelled():
            done.exception()  # it is known, also when nobody waits for it any more
