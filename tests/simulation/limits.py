"""The limits of simulated tickers: so small that they are met all the time."""

from dataclasses import replace

from tasker_ticker.scheduling.scheduling_limits import SchedulingLimits
from tasker_ticker.ticker_limits import TickerLimits

RETENTION_SECONDS = 15
"""How long a finished task is kept."""
RECENT_EVENTS = 3
"""Of so many events a task keeps the ids."""
ALERT_PAUSE_SECONDS = 3
"""Between two messages to the same target."""

_SCHEDULING = SchedulingLimits(
    background_runs=4,
    visits=2,
    runs_per_visit=3,
    handovers=2,
    upkeep=2,
    finished_seconds=RETENTION_SECONDS,
    recent_events=RECENT_EVENTS,
    alert_group_seconds=1,
    alert_pause_seconds=ALERT_PAUSE_SECONDS,
)


def simulated_limits(batch_runs: int, batch_bytes: int) -> TickerLimits:
    """Those of one simulation, in which so many runs, or so many bytes, make a batch full.

    No time passes while a batch is built: so each of them takes long enough at once, or never.
    """
    scheduling = replace(_SCHEDULING, batch_runs=batch_runs, batch_bytes=batch_bytes)
    return TickerLimits(scheduling=scheduling, events=4, background_pause_ms=30, batch_ms=10 * (batch_runs % 2))
