"""Which pages of tasks are asked for: what people look for, by words, and each filter in each order."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from tasker_api.queries.tasks import TaskSort

Query = Mapping[str, Any]
FILTERS: Final[Mapping[str, Query]] = {
    "tag": {"tag": "billing"},
    "rare tag": {"tag": "pilot"},
    "handler": {"handler": "kafka"},
    "active": {"state": "active"},
    "paused": {"state": "paused"},
    "finished": {"state": "finished"},
    "succeeded": {"last_outcome": "succeeded"},
    "failed": {"last_outcome": "failed"},
    "skipped": {"last_outcome": "skipped"},
    "no outcome": {"last_outcome": "none"},
    "failures ≥ 1": {"min_failures": 1},
    "failures ≥ 3": {"min_failures": 3},
    "paused by a few": {"paused_by": "ann@example.com"},
    "paused by many": {"paused_by": "tasker"},
    "successor": {"then": "none-such"},
}
"""One criterion each; each is asked for in every order (`pair: …`)."""
SEARCHES: Final[Mapping[str, Query]] = {
    "frequent word": {"q": "invoices"},
    "names begin with it": {"q": "refresh"},
    "one letter": {"q": "r"},
    "beginning of few numbers": {"q": "7777"},
    "no such word": {"q": "zanzibar"},
    "two frequent words": {"q": "archive billing"},
    "a frequent and a rare word": {"q": "billing 4242"},
    "two words, no hit": {"q": "invoices zanzibar"},
    "frequent word, newest": {"q": "refresh", "sort": "-created_at"},
    "frequent word, failed": {"q": "invoices", "last_outcome": "failed"},
}
SEVERAL: Final[Mapping[str, Query]] = {
    "two tags": {"tag": ["staging", "pilot"]},
    "two frequent tags": {"tag": ["staging", "billing"]},
    "tag and handler": {"tag": "billing", "handler": "kafka"},
    "tag, paused": {"tag": "billing", "state": "paused"},
    "tag, failed": {"tag": "billing", "last_outcome": "failed"},
    "tag, failed, by next": {"tag": "billing", "last_outcome": "failed", "sort": "next_at"},
}


def list_queries() -> dict[str, Query]:
    """By name the parameters of `GET /tasks`."""
    found: dict[str, Query] = {f"tasks: by {sort}": {"sort": sort} for sort in get_args(TaskSort)}
    found |= {f"search: {name}": query for name, query in SEARCHES.items()}
    found |= {f"tasks: {name}": query for name, query in SEVERAL.items()}
    pairs = ((name, query, sort) for name, query in FILTERS.items() for sort in get_args(TaskSort))
    return found | {f"pair: {name} by {sort}": {**query, "sort": sort} for name, query, sort in pairs}
