"""PURE. The parameters of `curl`."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, JsonValue

from tasker_core.handlers.parameters.templates.template import OPENING
from tasker_core.handlers.parameters.url import CallUrl


def _as_it_is(url: str) -> str:
    if OPENING in url:
        raise ValueError("templates are filled in by the handler http, which takes the same URL; write a brace as %7B")
    return url


CurlUrl = Annotated[CallUrl, AfterValidator(_as_it_is)]


class CurlTarget(BaseModel):
    """What `curl` calls, when the payload is an object."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: CurlUrl


CurlPayload = CurlUrl | CurlTarget


def curl_url(payload: JsonValue) -> str:
    """The URL that a `curl` payload names, as it was written. Raises TypeError or KeyError when it names none."""
    url = payload["url"] if isinstance(payload, dict) else payload
    if not isinstance(url, str):
        raise TypeError("the payload names no URL")
    return url
