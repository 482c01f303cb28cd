"""Maps the errors of an HTTP call to the failure that users see."""

import asyncio
import os
import socket
import ssl

import aiohttp
from yarl import URL

from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.http.session import BlockedAddress


def call_failure(error: Exception, url: URL, proxy: URL | None = None) -> AttemptFailed:
    """The failure that an error of the HTTP client means. It never repeats credentials of the URL."""
    causes = list(_causes(error))
    by_proxy = next((cause for cause in causes if isinstance(cause, aiohttp.ClientHttpProxyError)), None)
    if by_proxy is not None:
        return _refused_by_proxy(by_proxy, url, proxy)
    if proxy is not None and any(_is_about(cause, proxy) for cause in causes):
        url = proxy
    at = f"{url.host}:{url.explicit_port}" if url.explicit_port else url.host
    for cause in causes:
        if isinstance(cause, BlockedAddress):
            return blocked(url.host, cause)
    for cause in causes:
        match cause:
            case aiohttp.ClientConnectorDNSError() | socket.gaierror() | UnicodeError():  # the last: of no name at all
                return AttemptFailed("dns", f"the name {url.host} can't be resolved; check its spelling and the DNS")
            case aiohttp.ClientSSLError() | ssl.SSLError():
                return AttemptFailed("tls", f"no trusted TLS connection to {at}: {_tls_reason(cause)}")
            case aiohttp.ClientConnectorError():
                advice = "check that it is up and can be reached from the executor"
                return AttemptFailed("connect", f"can't connect to {at}: {_reason(cause)}; {advice}")
            case aiohttp.InvalidURL():
                return invalid_url()
            case aiohttp.ClientConnectionError() | aiohttp.ClientPayloadError() | OSError():
                return AttemptFailed(
                    "disconnected", f"{at} closed the connection before its answer was complete; try again"
                )
            case _:
                pass
    return AttemptFailed("protocol", f"{at} did not answer in HTTP as it should ({type(causes[-1]).__name__})")


def blocked(host: str | None, error: BlockedAddress) -> AttemptFailed:
    """The failure of a call to an address that the policy refuses."""
    return AttemptFailed("blocked_address", f"{host} may not be called: {error.reason}", final=True)


def _is_about(cause: BaseException, proxy: URL) -> bool:
    """Whether an error arose on the way to the proxy: it alone is connected to, the server is reached through it."""
    if isinstance(cause, BlockedAddress | aiohttp.ClientProxyConnectionError):
        return True
    return isinstance(cause, aiohttp.ClientConnectorError) and cause.host == proxy.raw_host


def _refused_by_proxy(error: aiohttp.ClientHttpProxyError, url: URL, proxy: URL | None) -> AttemptFailed:
    """The failure of a tunnel that the proxy did not open. Another attempt may help unless it is a matter of rights."""
    name = "the proxy" if proxy is None else f"the proxy {proxy.host}"
    advice = {407: "give user and password in the URL of proxy", 403: "it has to allow this server"}
    message = f"{name} answered {error.status} to the request for {url.host}; {advice.get(error.status, 'ask its log')}"
    return AttemptFailed("proxy", message, final=error.status in (401, 403, 405, 407))


def invalid_url() -> AttemptFailed:
    """The failure of a URL that names nothing to call."""
    message = "the payload names no valid URL; give one that begins with http:// or https://"
    return AttemptFailed("invalid_url", message, final=True)


def _causes(error: BaseException) -> list[BaseException]:
    """The error and its causes, nearest first."""
    causes: list[BaseException] = []
    last: BaseException | None = error
    while last is not None and last not in causes and not isinstance(last, asyncio.CancelledError):
        causes.append(last)
        os_error: object = getattr(last, "os_error", None)
        last = os_error if isinstance(os_error, OSError) else last.__cause__ or last.__context__
    return causes


def _tls_reason(cause: BaseException) -> str:
    """Why there is no TLS connection, and the way out. The numbers of TLS errors are none of the operating system."""
    os_error: object = getattr(cause, "os_error", cause)
    word = getattr(os_error, "reason", None)
    if word in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST"):
        return "it does not answer in TLS; check the port, or call it by http://"
    advice = "check its certificate, and give its authority's by tls.ca if that is no public one"
    if isinstance(os_error, ssl.SSLError) and not isinstance(os_error, ssl.SSLCertVerificationError):
        return f"{str(word or type(os_error).__name__).replace('_', ' ').lower()}; {advice}"
    return f"{_reason(cause)}; {advice}"


def _reason(cause: BaseException) -> str:
    """The reason in the operating system's words, without addresses and quotes of ours."""
    os_error: object = getattr(cause, "os_error", cause)
    number = getattr(os_error, "errno", None)
    strerror = os.strerror(number) if isinstance(number, int) and number > 0 else getattr(os_error, "strerror", None)
    certificate = getattr(getattr(cause, "certificate_error", os_error), "verify_message", None)
    return str(certificate or strerror or type(os_error).__name__)
