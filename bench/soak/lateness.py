"""How late the runs of a span were in the log, counted by MongoDB: a histogram instead of the runs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from tasker_runtime.mongo import Mongo

STEP_MS: Final = 5
ANSWER_MS: Final = 25_000


async def lateness(mongo: Mongo, begin: datetime, end: datetime) -> dict[str, float]:
    """Of what was logged from `begin` to `end`: how many runs, and nominal → logged of all first attempts.

    Raises PyMongoError.
    """
    late = {"$subtract": ["$logged_at", "$nominal_at"]}
    step = {"$multiply": [{"$floor": {"$divide": [late, STEP_MS]}}, STEP_MS]}
    stages: list[Mapping[str, Any]] = [
        {"$match": {"logged_at": {"$gte": begin, "$lt": end}}},
        {"$group": {"_id": {"$cond": [{"$eq": ["$attempt", 1]}, step, None]}, "count": {"$sum": 1}}},
    ]
    counts: dict[float | None, int] = {}
    async for group in mongo.database["runs"].aggregate(stages, maxTimeMS=ANSWER_MS):
        counts[group["_id"]] = group["count"]
    logged = sum(counts.values())
    first = {late: count for late, count in counts.items() if late is not None}
    values: dict[str, float] = {"runs/logged": logged}
    if first:
        shares = {"p50": 0.5, "p99": 0.99, "max": 1.0}
        values |= {f"{name}/nominal → logged": quantile(first, share) for name, share in shares.items()}
    return values


def quantile(counts: Mapping[float, int], share: float) -> float:
    """The smallest value that `share` of all do not exceed."""
    rest = share * sum(counts.values())
    for value in sorted(counts):
        rest -= counts[value]
        if rest <= 0:
            return value
    return max(counts)
