"""Whether and where traces go, from OpenTelemetry's own environment variables."""

from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class TracingSettings(BaseSettings):
    """Those of OpenTelemetry's variables that are checked here; all others of its OTLP exporter hold too.

    Without an endpoint nothing is recorded. Whether a trace is, follows from its id (`OTEL_TRACES_SAMPLER_ARG` is the
    share), unless it came with a `traceparent`: then that one's flag decides.
    """

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True, env_ignore_empty=True)

    endpoint: str | None = Field(default=None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    """The URL of an OTLP receiver (http/protobuf), such as http://collector:4318."""
    protocol: Literal["http/protobuf"] = Field(default="http/protobuf", validation_alias="OTEL_EXPORTER_OTLP_PROTOCOL")
    sampled_share: float = Field(default=1.0, ge=0, le=1, validation_alias="OTEL_TRACES_SAMPLER_ARG")
    disabled: bool = Field(default=False, validation_alias="OTEL_SDK_DISABLED")

    @field_validator("endpoint")
    @classmethod
    def _url(cls, endpoint: str | None) -> str | None:
        if endpoint is not None and not endpoint.startswith(("http://", "https://")):
            raise ValueError(f"{endpoint!r} is no URL of an OTLP receiver; give one such as http://collector:4318")
        return endpoint
