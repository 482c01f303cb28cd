"""What went wrong in an HTTP call, as the failure that the user is told."""

import asyncio
import os
import socket
import ssl

import aiohttp
from yarl import URL

from tasker_executor.failure import Failed
from tasker_executor.http.session import Blocked


def failure_of(error: Exception, url: URL) -> Failed:
    """The failure that an error of the HTTP client means. It never repeats credentials of the URL."""
    at = f"{url.host}:{url.explicit_port}" if url.explicit_port else url.host
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, Blocked):
            return Failed("blocked_address", f"{url.host} may not be called: {cause.reason}", final=True)
    for cause in causes:
        match cause:
            case aiohttp.ClientConnectorDNSError() | socket.gaierror():
                return Failed("dns", f"the name {url.host} can't be resolved; check its spelling and the DNS")
            case aiohttp.ClientSSLError() | ssl.SSLError():
                return Failed("tls", f"no trusted TLS connection to {at}: {_told(cause)}; check its certificate")
            case aiohttp.ClientConnectorError():
                way_out = "check that it is up and can be reached from the executor"
                return Failed("connect", f"can't connect to {at}: {_told(cause)}; {way_out}")
            case aiohttp.InvalidURL():
                return invalid_url()
            case aiohttp.ClientConnectionError() | aiohttp.ClientPayloadError() | OSError():
                return Failed("disconnected", f"{at} closed the connection before its answer was complete; try again")
            case _:
                pass
    return Failed("protocol", f"{at} did not answer in HTTP as it should ({type(causes[-1]).__name__})")


def invalid_url() -> Failed:
    """The failure of a URL that names nothing to call."""
    message = "the payload names no valid URL; give one that begins with http:// or https://"
    return Failed("invalid_url", message, final=True)


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what it came from, nearest first."""
    found: list[BaseException] = []
    last: BaseException | None = error
    while last is not None and last not in found and not isinstance(last, asyncio.CancelledError):
        found.append(last)
        os_error: object = getattr(last, "os_error", None)
        last = os_error if isinstance(os_error, OSError) else last.__cause__ or last.__context__
    return found


def _told(cause: BaseException) -> str:
    """The reason in the operating system's words, without addresses and quotes of ours."""
    os_error: object = getattr(cause, "os_error", cause)
    number = getattr(os_error, "errno", None)
    strerror = os.strerror(number) if isinstance(number, int) and number > 0 else getattr(os_error, "strerror", None)
    certificate = getattr(getattr(cause, "certificate_error", os_error), "verify_message", None)
    return str(certificate or strerror or type(os_error).__name__)
