"""Settings of the log sink, from the environment."""

from typing import ClassVar

from pydantic import Field

from tasker_runtime.settings import MongoSettings, ServiceSettings


class SinkSettings(ServiceSettings, MongoSettings):
    """What bounds a batch: one transaction holds at most so many records and, but for a single larger one, bytes."""

    SERVICE: ClassVar[str | None] = "log-sink"

    log_sink_batch_records: int = Field(default=5000, ge=1, le=20_000)
    log_sink_batch_bytes: int = Field(default=4 * 1024 * 1024, ge=1024, le=12 * 1024 * 1024)
