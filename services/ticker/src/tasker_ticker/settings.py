"""Settings of the ticker, from the environment."""

from tasker_runtime.settings import ServiceSettings


class TickerSettings(ServiceSettings):
    """Nothing of its own yet: the ticker needs Kafka and a clock."""
