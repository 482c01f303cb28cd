"""Whether and where traces go, from OpenTelemetry's own environment variables."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class TracingSettings(BaseSettings):
    """Those of OpenTelemetry's variables that are checked here; all others of its OTLP exporter hold too.

    Without an endpoint, of all signals or of traces alone, nothing is recorded. Whether a trace is, follows from its id
    (`OTEL_TRACES_SAMPLER_ARG` is the share), unless it came with a `traceparent`: then that one's flag decides.
    """

    model_config = SettingsConfigDict(
        extra="ignore", populate_by_name=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    endpoint: str | None = Field(default=None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT", repr=False)
    """The URL of an OTLP receiver (http/protobuf), such as http://collector:4318."""
    traces_endpoint: str | None = Field(default=None, validation_alias="OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", repr=False)
    """The whole URL that spans are sent to, in place of `endpoint` with /v1/traces."""
    protocol: Literal["http/protobuf"] = Field(default="http/protobuf", validation_alias="OTEL_EXPORTER_OTLP_PROTOCOL")
    sampled_share: float = Field(default=1.0, ge=0, le=1, validation_alias="OTEL_TRACES_SAMPLER_ARG")
    disabled: bool = Field(default=False, validation_alias="OTEL_SDK_DISABLED")

    @field_validator("endpoint", "traces_endpoint")
    @classmethod
    def _is_url(cls, endpoint: str | None) -> str | None:
        """The URL may hold a password: no error shows it."""
        if endpoint is not None and (not endpoint.startswith(("http://", "https://")) or _address(endpoint) is None):
            raise ValueError("no URL of an OTLP receiver; give one such as http://collector:4318")
        return endpoint

    @property
    def traces_url(self) -> str | None:
        """Where spans are sent; None: nowhere."""
        if self.disabled:
            return None
        return self.traces_endpoint or (self.endpoint and f"{self.endpoint.rstrip('/')}/v1/traces")

    @property
    def receiver(self) -> str:
        """The receiver's host and port, for people."""
        return _address(self.traces_url or "") or "none"


def _address(url: str) -> str | None:
    """Host and port of a URL, without a user and password; None if it has no host or a port that is none."""
    try:
        parts = urlsplit(url)
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return None
    if not parts.hostname:
        return None
    return f"[{parts.hostname}]{port}" if ":" in parts.hostname else f"{parts.hostname}{port}"
