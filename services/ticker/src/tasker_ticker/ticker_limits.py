"""The limits of a ticker that tests make small."""

from dataclasses import dataclass, field

from tasker_ticker.scheduling.scheduling_limits import SchedulingLimits


@dataclass(frozen=True, slots=True)
class TickerLimits:
    """`events` are held, read and not yet applied, by an owner. While there is work in the background, it waits for
    events for `background_pause_ms` at most. To catch up after an outage takes some `batch_ms` of a batch.
    `copy_seconds`: from one round of copying the state to the next: what comes meanwhile a start reads from Kafka.
    `clock_retry_seconds`: from one attempt to the next to start an owner while this machine's clock is ahead of the
    broker's.
    """

    scheduling: SchedulingLimits = field(default_factory=SchedulingLimits)
    events: int = 1_000
    background_pause_ms: int = 100
    batch_ms: int = 10
    clock_retry_seconds: float = 5.0
    copy_seconds: float = 20.0
