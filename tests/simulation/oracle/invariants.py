"""The invariants that the oracle checks."""

from enum import StrEnum


class Invariant(StrEnum):
    """What Tasker guarantees."""

    NEVER_EARLY = "never early"
    NEVER_TWICE = "never twice"
    NEVER_LOST = "never silently lost"
    NOT_RETROACTIVE = "never retroactive"
    LIVE_FIRST = "catching up never delays what is due now"
    FINISHED = "what is over is reported as finished, and removed after its retention"
    WHOLE_BATCHES = "whole batches, one after the other"
    WATERMARK_GROWS = "the watermark only grows"
    EFFECT_AT_APPEND = "an event takes effect at its append time"
    ONE_VERDICT = "one verdict for each event, in order"
    MISFIRE_POLICY = "the misfire policy decides what late occurrences become"
    RETRIES_AND_CANCELS = "retries and cancels end in an attempt or are reported as ended"
    BACKFILL_ONCE = "a backfill runs each of its times once"
    CALLBACKS = "an attempt that waits ends once, by its first report, or when its time is over"
    FAILURE_STREAK = "so many failures in a row pause a task, and no fewer"
    ALERTS = "each change of a task's state is told once to whom it concerns, in few messages"
    CALENDARS = "each task is handed over to the newest version of its calendars, in its time, and told so"
    CHAINS = "the end of a run starts each task that follows once, and nothing goes round"
    NO_EVENT_DROPPED = "events on wrong partitions are forwarded, unreadable ones are kept"
    NEXT_TIME = "the reported next time is the next one"
    ALL_DONE = "all that is due is done within 10 seconds"
    NO_UNFORESEEN_ERROR = "no unforeseen error"


class InvariantViolation(Exception):
    """An invariant that does not hold, and how that shows."""

    def __init__(self, invariant: Invariant, detail: str) -> None:
        super().__init__(invariant, detail)  # just as it is made, so that it can be sent from one process to another
        self.invariant, self.detail = invariant, detail

    def __str__(self) -> str:
        return f"{self.invariant}: {self.detail}"


def require(true: bool, invariant: Invariant, detail: str) -> None:
    """Raises InvariantViolation unless it is true."""
    if not true:
        raise InvariantViolation(invariant, detail)
