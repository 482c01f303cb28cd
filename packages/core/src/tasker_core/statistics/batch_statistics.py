"""PURE. What one batch of the log adds to the statistics, as it is kept until it is put together with the rest."""

from typing import Any, Final

import msgspec

from tasker_core.messages.runs import Outcome
from tasker_core.statistics.first_attempt import FirstAttempt

OutcomeCount = tuple[int, str, int, Outcome, bool, int]
"""(minute, handler, partition, outcome, whether backfilled, number of runs); minutes are epoch minutes."""
MissedCount = tuple[int, int, str, int]
"""(minute, partition, reason, number of ranges)."""


class BatchStatistics(msgspec.Struct, array_like=True):
    """What one batch logged, at one time: first attempts, and how many runs ended and ranges were missed, by minute."""

    logged_ms: int
    attempts: list[FirstAttempt] = []
    outcomes: list[OutcomeCount] = []
    missed: list[MissedCount] = []

    def __bool__(self) -> bool:
        return bool(self.attempts or self.outcomes or self.missed)


_DECODER: Final[msgspec.msgpack.Decoder[Any]] = msgspec.msgpack.Decoder(BatchStatistics)


def encode_batch(batch: BatchStatistics) -> bytes:
    """As it is kept."""
    return msgspec.msgpack.encode(batch)


def decode_batch_statistics(data: bytes) -> BatchStatistics:
    """What is kept. Raises msgspec.DecodeError (a ValueError) for anything else."""
    found: BatchStatistics = _DECODER.decode(data)
    return found
