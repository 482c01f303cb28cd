"""PURE. A task's definition, as an accepted event states it, with what decides when it is due."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from math import ceil
from typing import Any, Final

from tasker_cli.verify.enumeration.calendar_versions import under
from tasker_cli.verify.instants import whole_seconds

DEFAULT_GRACE: Final = 60
_FRACTION: Final = re.compile(r"[.,]\d+(?=S$)")


@dataclass(frozen=True, slots=True)
class AuditedDefinition:
    """`schedule` is canonical JSON, with the version of each calendar beside its name (calendar_versions.py).

    Durations are whole seconds; `window` is that of `spread`, 0 for none.
    """

    schedule: str
    paused: bool
    version: int
    window: int = 0
    max_runs: int | None = None
    policy: str = "latest"
    grace: int = DEFAULT_GRACE
    timeout: int = 60
    queues: bool = False
    """Its runs may have to wait for one another."""

    @property
    def written(self) -> dict[str, Any]:
        """The schedule."""
        return _written(self.schedule)

    @property
    def is_once(self) -> bool:
        """Whether it names a single instant."""
        return "at" in self.written and "every" not in self.written


def definition_of(task: dict[str, Any], version: int, calendars: Mapping[str, int]) -> AuditedDefinition:
    """Of a task's JSON as verdicts and documents have it, under these versions of calendars.

    Raises ValueError, KeyError, TypeError.
    """
    schedule: dict[str, Any] = under(task["schedule"], calendars)
    misfire: dict[str, Any] = task.get("misfire") or {}
    spread = schedule.get("spread")
    return AuditedDefinition(
        schedule=json.dumps(schedule, sort_keys=True, separators=(",", ":")),
        paused=bool(task.get("paused")),
        version=version,
        window=0 if spread is None else whole_seconds(str(spread)),
        max_runs=schedule.get("max_runs"),
        policy=misfire.get("policy", "latest"),
        grace=whole_seconds(str(misfire.get("grace", "PT1M"))),
        timeout=_rounded_up(str(task.get("timeout", "PT1M"))),
        queues=str(task.get("overlap", "allow")).startswith("queue"),
    )


def spread_offset(task_id: str, window: int) -> int:
    """A task's place in the window of `spread`: BLAKE2b-64 of its id modulo the window's length plus one."""
    return int.from_bytes(blake2b(task_id.encode(), digest_size=8).digest()) % (window + 1)


@lru_cache(maxsize=4096)
def _rounded_up(duration: str) -> int:
    if duration.replace(".", "", 1).isdigit():
        return ceil(float(duration))
    return whole_seconds(_FRACTION.sub("", duration)) + bool(_FRACTION.search(duration))


@lru_cache(maxsize=4096)
def _written(schedule: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(schedule)
    return found
