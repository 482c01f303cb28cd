"""What Tasker promises, as the oracle names it (design: never early, never twice, never silently lost, and so on)."""

from typing import Literal

Promise = Literal[
    "never early",
    "never twice",
    "never silently lost",
    "never retroactive",
    "catching up never delays what is due now",
    "what is over is said to be over, and removed after its retention",
    "whole turns, one after the other",
    "the watermark only grows",
    "an event takes effect at its append time",
    "one verdict for each event, in order",
    "the misfire policy decides what late occurrences become",
    "retries and cancels end in an attempt or a word",
    "a backfill runs each of its times once",
    "so many failures in a row pause a task, and no fewer",
    "wrong partitions are forwarded, what is unreadable is kept",
    "the next time that is told is the next one",
    "all that is due is done within 10 seconds",
    "no error that nobody foresaw",
]


class Broken(Exception):
    """A promise that was not kept, and how that shows."""

    def __init__(self, promise: Promise, detail: str) -> None:
        super().__init__(promise, detail)  # just as it is made, so that it can be sent from one process to another
        self.promise: Promise = promise
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.promise}: {self.detail}"


def hold(true: bool, promise: Promise, detail: str) -> None:
    """Raises Broken unless it is true."""
    if not true:
        raise Broken(promise, detail)
