"""Settings of the ticker, from the environment."""

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from tasker_runtime.settings import ServiceSettings, base_url


class TickerSettings(ServiceSettings):
    """The settings of the ticker alone."""

    SERVICE: ClassVar[str | None] = "ticker"

    ticker_background_rate: int = Field(default=500, ge=1, le=100_000)
    """Late, retried and backfilled runs a second, and alerts, in each partition."""
    public_url: Annotated[str | None, AfterValidator(base_url)] = None
    """Where people reach the web UI, such as https://tasker.example.com: alerts link to runs and tasks there."""
    ticker_state_dir: Path | None = None
    """Where copies of what the ticker keeps in Kafka are held, so that a restart reads less: a folder on a local disk.
    It may be lost at any time, and processes of one machine may share it. Without it a restart reads all from Kafka."""
