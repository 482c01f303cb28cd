"""PURE. Canaries: ordinary tasks, one in each partition, whose runs show that the whole path is open."""

from functools import lru_cache
from itertools import count
from typing import Any, Final

from tasker_core.topics import partition_of

PREFIX: Final = "tasker-canary-"
TAG: Final = "tasker-canary"
ACTOR: Final = "tasker"


@lru_cache(maxsize=4)
def canary_ids(partitions: int) -> tuple[str, ...]:
    """The reserved ids, one for each partition in their order: always the same."""
    found: dict[int, str] = {}
    for number in count():
        if len(found) == partitions:
            break
        task_id = f"{PREFIX}{number}"
        found.setdefault(partition_of(task_id, partitions), task_id)
    return tuple(found[partition] for partition in range(partitions))


def canary_task(task_id: str, partition: int, seconds: int) -> dict[str, Any]:
    """The definition of one, as a user would write it."""
    return {
        "id": task_id,
        "name": f"Canary of partition {partition}",
        "description": f"Made by Tasker itself (TASKER_CANARY_SECONDS={seconds}): its runs show that it is alive.",
        "tags": [TAG],
        "paused": False,
        "schedule": {"every": f"PT{seconds}S"},
        "handler": "default",
        "misfire": {"policy": "none", "grace": "PT10S"},
    }
