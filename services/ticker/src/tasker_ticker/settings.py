"""Settings of the ticker, from the environment."""

from pydantic import Field

from tasker_runtime.settings import ServiceSettings


class TickerSettings(ServiceSettings):
    """`TASKER_TICKER_BACKGROUND_RATE`: late, retried and backfilled runs a second, in each partition."""

    ticker_background_rate: int = Field(default=500, ge=1, le=100_000)
