"""PURE. Collection `partitions`: how much of each partition of each topic is applied."""

from datetime import datetime
from typing import Literal, TypedDict


class PartitionContent(TypedDict):
    """What a partition's document begins with.

    `next_offset` is the first offset not yet applied; `watermark` (watermarks topic only) the time reached;
    `tasks_offset` (results and verdicts) the first offset whose progress the tasks may not show yet.
    """

    cluster_id: str
    topic: str
    partition: int
    next_offset: int
    tasks_offset: int
    watermark: datetime | None
    applied_at: datetime


class PartitionDocument(PartitionContent):
    """A partition. `_id` is `<cluster id>/<topic>/<partition>`.

    `sessions` are the ids of the sessions in which its owner writes.
    """

    _id: str
    sessions: list[str]


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
    """What a batch, the progress behind it, or the next owner sets."""

    next_offset: int
    tasks_offset: int
    sessions: list[str]
    watermark: datetime | None
    applied_at: datetime
