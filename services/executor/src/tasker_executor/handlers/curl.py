"""The handler `curl`: a GET request to the URL in the payload, and what was answered."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from importlib.metadata import version
from typing import Any, cast

import httpx
import msgspec

from tasker_core.handlers import curl_url
from tasker_core.messages import Run
from tasker_executor.body import Body
from tasker_executor.call_errors import failure_of, invalid_url
from tasker_executor.failure import Failed

MAX_REDIRECTS = 5
MAX_HEADER_CHARACTERS = 32 * 1024
_HEADERS = {"User-Agent": f"Tasker/{version('tasker-executor')}", "Accept": "*/*", "Accept-Encoding": "identity"}
_REDIRECTS = frozenset((301, 302, 303, 307, 308))


def curl_handler(transport: httpx.AsyncBaseTransport) -> Callable[[Run], Awaitable[object]]:
    """A handler that calls over a transport, which guards the addresses."""

    async def curl(run: Run) -> object:
        loop = asyncio.get_running_loop()
        began = loop.time()
        url, auth = _target(run)
        hops = 0
        result, onward = await _get(transport, url, auth, run.run_id)
        while onward is not None:
            hops += 1
            if hops > MAX_REDIRECTS:
                message = f"more than {MAX_REDIRECTS} redirects; give the URL that they lead to"
                raise Failed("too_many_redirects", message, result)
            if _origin(onward) != _origin(url):
                auth = None
            url = onward
            result, onward = await _get(transport, url, auth, run.run_id)
        result |= {"redirects": hops, "elapsed_ms": round((loop.time() - began) * 1000)}
        if result["status"] >= 400:
            message = f"the server answered {result['status']}; see the result for what it says"
            raise Failed("http_status", message, result)
        return result

    return curl


async def _get(
    transport: httpx.AsyncBaseTransport, url: httpx.URL, auth: str | None, run_id: str
) -> tuple[dict[str, Any], httpx.URL | None]:
    """One request: what was answered, and where it redirects to. Raises Failed."""
    headers = _HEADERS | {"Idempotency-Key": run_id} | ({"Authorization": auth} if auth else {})
    try:
        answer = await transport.handle_async_request(httpx.Request("GET", url, headers=headers))
        async with aclosing(answer):
            body = Body(answer.headers.get("content-encoding", ""), answer.charset_encoding)
            async with aclosing(cast("AsyncGenerator[bytes]", answer.aiter_raw())) as chunks:
                async for chunk in chunks:
                    body.add(chunk)
                    if body.truncated:
                        break
    # The errors are those of two libraries; a time-out of the attempt passes through as a cancellation.
    except Exception as error:
        raise failure_of(error, url) from error
    return {
        "url": str(url),
        "status": answer.status_code,
        "headers": _headers(answer.headers),
        "body": body.text(),
        "truncated": body.truncated,
    }, _onward(url, answer)


def _target(run: Run) -> tuple[httpx.URL, str | None]:
    """The URL without its credentials, and these as a header (RFC 7617). Raises Failed."""
    try:
        url = httpx.URL(curl_url(msgspec.json.decode(run.payload)))
    except (httpx.InvalidURL, msgspec.DecodeError, TypeError, KeyError, ValueError) as error:
        raise invalid_url() from error
    if not url.userinfo:
        return _bare(url), None
    credentials = b64encode(f"{url.username}:{url.password}".encode()).decode()
    return _bare(url), f"Basic {credentials}"


def _bare(url: httpx.URL) -> httpx.URL:
    """The URL without credentials. Raises Failed when it is none that can be called."""
    if url.scheme not in ("http", "https") or not url.host:
        raise invalid_url()
    return url.copy_with(userinfo=b"", fragment=None) if url.userinfo or url.fragment else url


def _onward(url: httpx.URL, answer: httpx.Response) -> httpx.URL | None:
    """Where an answer redirects to. Raises Failed when that is no URL."""
    location = answer.headers.get("location")
    if location is None or answer.status_code not in _REDIRECTS:
        return None
    try:
        return _bare(url.join(location))
    except (Failed, httpx.InvalidURL, ValueError) as error:
        raise Failed("invalid_url", "the server redirects to something that is no http:// or https:// URL") from error


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _headers(headers: httpx.Headers) -> dict[str, str]:
    """The headers by name, as many as there is room for; the target of a redirect without credentials."""
    kept: dict[str, str] = {}
    room = MAX_HEADER_CHARACTERS
    for name, value in headers.items():
        room -= len(name) + len(value)
        if room < 0:
            break
        kept[name] = _redacted(value) if name in ("location", "content-location", "refresh") else value
    return kept


def _redacted(location: str) -> str:
    scheme, slashes, rest = location.partition("//")
    authority, slash, path = rest.partition("/")
    return scheme + slashes + authority.rpartition("@")[2] + slash + path if slashes else location
