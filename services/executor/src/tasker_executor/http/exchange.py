"""Sends requests and records their responses; redirects are followed, with the address of each hop checked."""

import asyncio
from typing import Any

import aiohttp
from multidict import CIMultiDict

from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.http.body.response_body import ResponseBody
from tasker_executor.http.call_errors import blocked, call_failure
from tasker_executor.http.request import HttpRequest, redirected_request
from tasker_executor.http.response import HttpResponse
from tasker_executor.http.response_headers import recorded_headers
from tasker_executor.http.session import BlockedAddress, CheckedConnector, RequestTrace

MAX_REDIRECTS = 5
_REPEATED_BY_AIOHTTP = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE"))
"""aiohttp itself repeats these once when their connection breaks."""


async def call(session: aiohttp.ClientSession, request: HttpRequest, *, follow: bool) -> HttpResponse:
    """Send a request, and with `follow` those that its responses redirect to. Raises AttemptFailed.

    It has no time-out of its own: that of the attempt arrives as a cancellation.
    """
    loop = asyncio.get_running_loop()
    started, hops = loop.time(), 0
    response = await _exchange(session, request)
    while follow and (following := redirected_request(request, response.status, response.location)):
        hops += 1
        if hops > MAX_REDIRECTS:
            message = f"more than {MAX_REDIRECTS} redirects; give the URL that they lead to"
            raise AttemptFailed("too_many_redirects", message, response.result, final=True)
        request = following
        response = await _exchange(session, request)
    response.result.update(redirects=hops, elapsed_ms=round((loop.time() - started) * 1000))
    return response


async def _exchange(session: aiohttp.ClientSession, request: HttpRequest) -> HttpResponse:
    trace = RequestTrace()
    try:
        if request.connection.proxy is not None:
            await _check_target(session, request)
        try:
            return await _send(session, request, trace)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            if not trace.connection_reused or trace.answered or request.method in _REPEATED_BY_AIOHTTP:
                raise
            # The server had closed a kept connection just then (RFC 9112, section 9.3.1). The request may be repeated
            # since its Idempotency-Key says that it is the same one.
            return await _send(session, request, RequestTrace())
    except AttemptFailed:
        raise
    # The errors are those of two libraries.
    except Exception as error:
        raise call_failure(error, request.url, request.connection.proxy) from error


async def _check_target(session: aiohttp.ClientSession, request: HttpRequest) -> None:
    """Refuse what a proxy is not to be asked for. Raises AttemptFailed."""
    assert isinstance(session.connector, CheckedConnector)
    try:
        await session.connector.check_target(request.url.raw_host or "")
    except BlockedAddress as error:
        raise blocked(request.url.host, error) from None


async def _send(session: aiohttp.ClientSession, request: HttpRequest, trace: RequestTrace) -> HttpResponse:
    headers, connection = request.headers, request.connection
    if connection.proxy is not None:
        headers = CIMultiDict(headers, **connection.headers(request.url))
    async with session.request(
        request.method,
        request.url,
        headers=headers,
        data=request.body,
        allow_redirects=False,
        trace_request_ctx=trace,
        **connection.arguments(request.url),
    ) as response:
        trace.answered = True
        coding = response.headers.get("Content-Encoding", "")
        body = ResponseBody(coding, response.charset, response.content_type)
        async for chunk in response.content.iter_any():
            body.add(chunk)
            if body.truncated:
                response.close()  # and with it the connection: the rest is not wanted
                break
        result: dict[str, Any] = {
            "url": str(request.url),
            "status": response.status,
            "headers": recorded_headers(response.headers),
            "body": body.text(),
            "truncated": body.truncated,
        }
        location, retry_after = response.headers.get("Location"), response.headers.get("Retry-After")
        return HttpResponse(response.status, result, location, retry_after)
