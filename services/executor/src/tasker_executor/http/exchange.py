"""Requests and their answers, as much of these as is recorded; redirects are followed, each hop guarded."""

import asyncio
from dataclasses import dataclass
from typing import Any

import aiohttp

from tasker_executor.failure import Failed
from tasker_executor.http.body import Body
from tasker_executor.http.call_errors import failure_of
from tasker_executor.http.request import Request, onward
from tasker_executor.http.response_headers import recorded_headers
from tasker_executor.http.session import Attempt

MAX_REDIRECTS = 5
_REPEATED = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE"))
"""aiohttp itself repeats these once when their connection breaks."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is recorded of an answer, and what follows from it."""

    status: int
    result: dict[str, Any]
    location: str | None
    retry_after: str | None


async def call(session: aiohttp.ClientSession, request: Request, *, follow: bool) -> Answer:
    """Send a request, and with `follow` what its answers redirect to. Raises Failed.

    It takes as long as it takes: the time-out of the attempt passes through as a cancellation.
    """
    loop = asyncio.get_running_loop()
    began, hops = loop.time(), 0
    answer = await _exchange(session, request)
    while follow and (following := onward(request, answer.status, answer.location)):
        hops += 1
        if hops > MAX_REDIRECTS:
            message = f"more than {MAX_REDIRECTS} redirects; give the URL that they lead to"
            raise Failed("too_many_redirects", message, answer.result, final=True)
        request = following
        answer = await _exchange(session, request)
    answer.result.update(redirects=hops, elapsed_ms=round((loop.time() - began) * 1000))
    return answer


async def _exchange(session: aiohttp.ClientSession, request: Request) -> Answer:
    attempt = Attempt()
    try:
        try:
            return await _once(session, request, attempt)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            if not attempt.reused or attempt.answered or request.method in _REPEATED:
                raise
            # The server had closed a kept connection just then (RFC 9112, section 9.3.1). The request may be repeated
            # since its Idempotency-Key tells that it is the same one.
            return await _once(session, request, Attempt())
    # The errors are those of two libraries.
    except Exception as error:
        raise failure_of(error, request.url) from error


async def _once(session: aiohttp.ClientSession, request: Request, attempt: Attempt) -> Answer:
    async with session.request(
        request.method,
        request.url,
        headers=request.headers,
        data=request.body,
        allow_redirects=False,
        trace_request_ctx=attempt,
    ) as answer:
        attempt.answered = True
        body = Body(answer.headers.get("Content-Encoding", ""), answer.charset)
        async for chunk in answer.content.iter_any():
            body.add(chunk)
            if body.truncated:
                answer.close()  # and with it the connection: the rest is not wanted
                break
        result: dict[str, Any] = {
            "url": str(request.url),
            "status": answer.status,
            "headers": recorded_headers(answer.headers),
            "body": body.text(),
            "truncated": body.truncated,
        }
        location, retry_after = answer.headers.get("Location"), answer.headers.get("Retry-After")
        return Answer(answer.status, result, location, retry_after)
