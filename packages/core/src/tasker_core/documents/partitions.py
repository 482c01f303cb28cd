"""PURE. Collection `partitions`: how much of each partition of each topic is applied."""

from datetime import datetime
from typing import Literal, TypedDict


class PartitionDocument(TypedDict):
    """A partition. `_id` is `<cluster id>/<topic>/<partition>`.

    `next_offset` is the first offset not yet applied; `watermark` (watermarks topic only) the time reached;
    `tasks_offset` (results and verdicts) the first offset whose progress the tasks may not show yet;
    `sessions` the ids of the sessions in which its owner writes.
    """

    _id: str
    cluster_id: str
    topic: str
    partition: int
    next_offset: int
    tasks_offset: int
    sessions: list[str]
    watermark: datetime | None
    applied_at: datetime


PartitionField = Literal[
    "_id",
    "cluster_id",
    "topic",
    "partition",
    "next_offset",
    "tasks_offset",
    "sessions",
    "watermark",
    "applied_at",
]


class PartitionChanges(TypedDict, total=False):
    """What a batch, or the next owner, sets."""

    next_offset: int
    sessions: list[str]
    watermark: datetime | None
    applied_at: datetime
