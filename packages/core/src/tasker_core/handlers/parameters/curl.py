"""PURE. The parameters of `curl`."""

from pydantic import BaseModel, ConfigDict, JsonValue

from tasker_core.handlers.parameters.url import CallUrl


class CurlTarget(BaseModel):
    """What `curl` calls, when the payload is an object."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: CallUrl


CurlPayload = CallUrl | CurlTarget


def curl_url(payload: JsonValue) -> str:
    """The URL that a `curl` payload names, as it was written. Raises TypeError or KeyError when it names none."""
    url = payload["url"] if isinstance(payload, dict) else payload
    if not isinstance(url, str):
        raise TypeError("the payload names no URL")
    return url
