"""One HTTP request as it goes out, and the next one when its answer redirects (RFC 9110, section 15.4)."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version

from multidict import CIMultiDict
from yarl import URL

from tasker_core.handlers.parameters.secret_references import sheltered
from tasker_core.messages import Run
from tasker_executor.failure import Failed
from tasker_executor.http.call_errors import invalid_url
from tasker_executor.http.secrets.secret_store import Opened
from tasker_executor.http.trace_context import traceparent

_AGENT = f"Tasker/{version('tasker-executor')}"
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_FOR_STRANGERS = frozenset(
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
class Request:
    """`url` has neither user nor password: these are in the headers."""

    method: str
    url: URL
    headers: CIMultiDict[str]
    body: bytes | None = None


def target(text: str, opened: Opened) -> tuple[URL, str | None]:
    """The URL without its credentials, and these as a header's value (RFC 7617). Raises Failed."""
    try:
        url = URL(sheltered(text))
    except (TypeError, ValueError):
        raise invalid_url() from None
    bare = _bare(url)
    if url.raw_user is None and url.raw_password is None:
        return bare, None
    password = opened.text(url.password or "")
    credentials = b64encode(f"{opened.text(url.user or '')}:{password}".encode()).decode()
    opened.hide(credentials, password)
    return bare, f"Basic {credentials}"


def own_headers(run: Run) -> CIMultiDict[str]:
    """What each request carries: who asks, and for which run, the same in each attempt."""
    headers = CIMultiDict(
        {"User-Agent": _AGENT, "Accept": "*/*", "Accept-Encoding": "identity", "Idempotency-Key": run.run_id}
    )
    if trace := traceparent(run):
        headers["traceparent"] = trace
    return headers


def onward(request: Request, status: int, location: str | None) -> Request | None:
    """The request that an answer redirects to; None when it does not. Raises Failed when it leads nowhere."""
    if location is None or status not in _REDIRECTS:
        return None
    try:
        url = _bare(request.url.join(URL(location)))
    except (Failed, TypeError, ValueError):
        message = "the server redirects to something that is no http:// or https:// URL"
        raise Failed("invalid_url", message, final=True) from None
    headers = request.headers
    if url.origin() != request.url.origin():
        headers = _only(headers, lambda name: name in _FOR_STRANGERS)
    if status in (307, 308) or (status in (301, 302) and request.method != "POST"):
        return replace(request, url=url, headers=headers)
    headers = _only(headers, lambda name: not name.startswith(("content-", "webhook-")))
    return Request("HEAD" if request.method == "HEAD" else "GET", url, headers)


def _only(headers: CIMultiDict[str], wanted: Callable[[str], bool]) -> CIMultiDict[str]:
    return CIMultiDict((name, value) for name, value in headers.items() if wanted(name.lower()))


def _bare(url: URL) -> URL:
    """The URL without credentials and fragment. Raises Failed when it is none that can be called."""
    try:
        if url.scheme not in ("http", "https") or not url.host or not url.port:
            raise invalid_url()
        return url.with_user(None).with_fragment(None)
    except ValueError:
        raise invalid_url() from None
