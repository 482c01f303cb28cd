"""Who makes a request, whether they may, and how often: asked before anything else of each route."""

from collections.abc import Callable
from http import HTTPStatus
from math import ceil
from time import monotonic
from typing import Final
from urllib.parse import unquote_plus

from fastapi import Request

from tasker_api.access.caller import UNKNOWN, WITHOUT_KEYS, Caller, caller_by
from tasker_api.access.credentials import WrongCredentials, credentials
from tasker_api.access.key_ring import KeyRing
from tasker_api.access.page_origin import is_origin_at
from tasker_api.access.roles import RULES, Rule
from tasker_api.access.scope_check import check_scope
from tasker_api.access.token_bucket import TokenBucket
from tasker_api.problems import Problem
from tasker_api.queries.run_lists.run_queries import RunQueries
from tasker_api.queries.tasks import TaskQueries
from tasker_core.access.api_key import ApiKey, without_keys
from tasker_core.access.roles import includes
from tasker_core.time.instant import rfc3339, to_ms

CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}


class AccessCheck:
    """A dependency of all routes: it finds the caller, and raises Problem where they may not.

    Without a `ring` there are no keys, and everybody may do everything. `tasks` and `runs` tell whose tags a task has.
    """

    def __init__(
        self,
        ring: KeyRing | None,
        tasks: TaskQueries | None,
        runs: RunQueries | None,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self.ring, self._tasks, self._runs, self._now = ring, tasks, runs, now
        self._buckets = dict[str, TokenBucket]()

    async def __call__(self, request: Request) -> None:
        """Let a request pass, with its caller noted. Raises Problem: 400, 401, 403, 404 (a task not theirs), 429."""
        rule = RULES[request.method, request.scope["route"].path_format]
        _refuse_keys_in_url(request)
        request.state.caller = UNKNOWN if rule.role is None else self._caller(request)
        if rule.role is not None:
            await self._admit(request.state.caller, rule, request)

    def known_caller(self, request: Request) -> Caller:
        """Who makes a request to a route that anybody may call; UNKNOWN for those without a key that stands.

        It is not counted: whoever is over their limit is still known.
        """
        if self.ring is None:
            return WITHOUT_KEYS
        try:
            return caller_by(self._shown_key(self.ring, request))
        except Problem as problem:
            if problem.status != HTTPStatus.UNAUTHORIZED:
                raise
            return UNKNOWN

    def caller_with(self, key: str) -> Caller:
        """Who has a key. Raises Problem: 401, 409 where there are none."""
        if self.ring is None:
            raise Problem(409, "there are no keys here: everybody may do everything, without signing in")
        return caller_by(self._valid(self.ring, key))

    def _caller(self, request: Request) -> Caller:
        if self.ring is None:
            return WITHOUT_KEYS
        key = self._shown_key(self.ring, request)
        self._count(key)
        return caller_by(key)

    def _shown_key(self, ring: KeyRing, request: Request) -> ApiKey:
        """Raises Problem (401)."""
        try:
            shown = credentials(request.scope["headers"], own_page=_is_own_page(request))
        except WrongCredentials as error:
            raise _unauthorized(str(error)) from None
        if shown.key is None:
            raise _unauthorized("this takes a key: send `Authorization: Bearer tsk_…`, or sign in on Tasker's page")
        return self._valid(ring, shown.key)

    def _valid(self, ring: KeyRing, text: str) -> ApiKey:
        key = ring.find(text)
        if key is None:
            raise _unauthorized("the key is none of those that are valid here: it may have been revoked")
        if ring.is_expired(key):
            assert key.expires_at is not None
            raise _unauthorized(
                f"the key {key.name!r} has expired at {rfc3339(to_ms(key.expires_at))}: get another one"
            )
        return key

    async def _admit(self, caller: Caller, rule: Rule, request: Request) -> None:
        assert caller.role is not None
        assert rule.role is not None
        if not includes(caller.role, rule.role):
            raise Problem(403, f"this takes the role {rule.role}: the key {caller.name!r} has the role {caller.role}")
        if caller.tags and self._tasks is not None and self._runs is not None:
            await check_scope(rule, caller, request, self._tasks, self._runs)

    def _count(self, key: ApiKey) -> None:
        """Count a request of a key against its limit. Raises Problem (429)."""
        rate, now = key.requests_per_second, self._now()
        if rate is None:
            self._buckets.pop(key.id, None)
            return
        bucket = self._buckets.get(key.id)
        if bucket is None or bucket.rate != rate:
            bucket = self._buckets[key.id] = TokenBucket(rate, now)
        if wait := bucket.take(now):
            detail = f"the key {key.name!r} may make {rate:g} requests a second: try again in {ceil(wait)} s"
            raise Problem(429, detail, headers={"Retry-After": str(ceil(wait))})


def _refuse_keys_in_url(request: Request) -> None:
    """A key in a URL is in the logs of proxies and in histories of browsers: no answer is to make that a habit."""
    if "tsk_" in (shown := unquote_plus(f"{request.url.path}?{request.url.query}")) and without_keys(shown) != shown:
        detail = (
            "a key is in the URL, where proxies and browsers keep it: revoke it, and send keys in the header "
            "`Authorization: Bearer tsk_…` only"
        )
        raise Problem(400, detail)


def _is_own_page(request: Request) -> bool:
    """Whether no page of another origin makes the request. (Whether others may call at all is for others to say.)"""
    origin = request.headers.get("origin")
    return origin is None or is_origin_at(origin, request.headers.get("host"))


def _unauthorized(detail: str) -> Problem:
    return Problem(401, detail, headers=CHALLENGE)
