"""PURE. When a failed run is tried again: exponential backoff with jitter, bounded in number and in age."""

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from math import ceil

from tasker_core.messages.runs import RetryPolicy
from tasker_core.time.duration import parse_duration

_SPAN = 1 << 64


def next_attempt_ms(
    policy: RetryPolicy | None, *, run_id: str, attempt: int, effective_ms: int, failed_ms: int, wait_ms: int = 0
) -> int | None:
    """When the attempt after `attempt` is due (epoch milliseconds); None when there is none.

    The pause before attempt n + 1 is `initial` times `factor` to the power of n - 1, at most `max`; of it the share
    `jitter` is spread evenly, by a stable hash, so that the same attempt is always due at the same time. `wait_ms` is
    what the other side asked for (Retry-After): never less than that. Nothing is due later than `max_age` after
    `effective_ms`, the effective time of the run.
    """
    if policy is None or attempt >= policy.max_attempts:
        return None
    initial, longest, age = _ms(policy.initial), _ms(policy.max), _ms(policy.max_age)
    pause = min(initial * policy.factor ** min(attempt - 1, 200), longest)
    pause *= 1 - policy.jitter * _share(run_id, attempt)
    due = failed_ms + max(ceil(pause), wait_ms)
    return due if due <= effective_ms + age else None


def _share(run_id: str, attempt: int) -> float:
    """A number in [0, 1) that is the run's own."""
    digest = blake2b(f"{run_id}/{attempt}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / _SPAN


def _milliseconds(duration: str) -> float:
    return parse_duration(duration).total_seconds() * 1000


_ms: Callable[[str], float] = lru_cache(maxsize=1024)(_milliseconds)
