"""One HTTP request as it is sent, and the next one when its response redirects (RFC 9110, section 15.4)."""

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Final

from multidict import CIMultiDict
from yarl import URL

from tasker_core.handlers.parameters.secret_references import sheltered
from tasker_core.messages.runs import Run
from tasker_core.trace_context import HEADER
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.http.call_errors import invalid_url
from tasker_executor.http.connection import DIRECT, ConnectionOptions
from tasker_executor.http.secrets.secret_store import AttemptSecrets

USER_AGENT = f"Tasker/{version('tasker-executor')}"
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_NO_UTF8: Final = re.compile("[\udc80-\udcff]")
"""A byte of a header that is no UTF-8, in the form in which the client keeps it."""
_FOR_OTHER_ORIGINS = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "content-encoding",
        "content-language",
        "content-type",
        "idempotency-key",
        "traceparent",
        "user-agent",
    }
)
"""What another origin than the task's own may see; a task's other headers may all be secret (X-Api-Key, ...)."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """`url` has neither user nor password: these are in the headers."""

    method: str
    url: URL
    headers: CIMultiDict[str]
    body: bytes | None = None
    connection: ConnectionOptions = DIRECT


def split_credentials(text: str, secrets: AttemptSecrets) -> tuple[URL, str | None]:
    """The URL without its credentials, and these as a header's value (RFC 7617). Raises AttemptFailed."""
    try:
        url = URL(sheltered(text))
    except (TypeError, ValueError):
        raise invalid_url() from None
    bare_url = _without_credentials(url)
    if url.raw_user is None and url.raw_password is None:
        return bare_url, None
    return bare_url, basic_credentials(secrets.resolve(url.user or ""), secrets.resolve(url.password or ""), secrets)


def basic_credentials(user: str, password: str, secrets: AttemptSecrets) -> str:
    """User and password as a header's value, kept out of the records (RFC 7617)."""
    credentials = b64encode(f"{user}:{password}".encode()).decode()
    secrets.hide(credentials, password)
    return f"Basic {credentials}"


def run_headers(run: Run, traceparent: str | None) -> CIMultiDict[str]:
    """The headers of each request: who sends it, for which run (the same in each attempt), and in which trace."""
    headers = CIMultiDict(
        {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity", "Idempotency-Key": run.run_id}
    )
    if traceparent is not None:
        headers[HEADER] = traceparent
    return headers


def redirected_request(request: HttpRequest, status: int, location: str | None) -> HttpRequest | None:
    """The request that a response redirects to; None when it does not. Raises AttemptFailed when it leads nowhere."""
    if location is None or status not in _REDIRECTS:
        return None
    try:
        escaped = _NO_UTF8.sub(lambda byte: f"%{ord(byte[0]) - 0xDC00:X}", location)  # as browsers do; URL drops it
        url = _without_credentials(request.url.join(URL(escaped)))
    except (AttemptFailed, TypeError, ValueError):
        message = "the server redirects to something that is no http:// or https:// URL"
        raise AttemptFailed("invalid_url", message, final=True) from None
    headers, connection = request.headers, request.connection
    if url.origin() != request.url.origin():
        headers = _filtered(headers, lambda name: name in _FOR_OTHER_ORIGINS)
        connection = connection.to_others
    if status in (307, 308) or (status in (301, 302) and request.method != "POST"):
        return replace(request, url=url, headers=headers, connection=connection)
    headers = _filtered(headers, lambda name: not name.startswith(("content-", "webhook-")))
    return HttpRequest("HEAD" if request.method == "HEAD" else "GET", url, headers, connection=connection)


def _filtered(headers: CIMultiDict[str], wanted: Callable[[str], bool]) -> CIMultiDict[str]:
    return CIMultiDict((name, value) for name, value in headers.items() if wanted(name.lower()))


def _without_credentials(url: URL) -> URL:
    """The URL without credentials and fragment. Raises AttemptFailed when it is none that can be called."""
    try:
        if url.scheme not in ("http", "https") or not url.host or not url.port:
            raise invalid_url()
        return url.with_user(None).with_fragment(None)
    except ValueError:
        raise invalid_url() from None
