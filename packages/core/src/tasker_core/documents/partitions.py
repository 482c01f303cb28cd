"""PURE. Collection `partitions`: how much of each partition of each topic is applied."""

from datetime import datetime
from typing import Literal, NotRequired, TypedDict


class BurstDocument(TypedDict):
    """The second that is being emitted in several transactions: all of it up to `after_task` is out."""

    second: datetime
    after_task: str


CatchUpDocument = TypedDict("CatchUpDocument", {"from": datetime, "to": datetime, "after_task": str})
"""A gap that is being worked off: what is effective in (from, to] of the tasks whose ids sort after `after_task`."""


class WatermarkFields(TypedDict):
    """What the last watermark of a partition says (of the topic `watermarks` alone).

    `watermark` is the time reached, `owner` the ticker that wrote it, in software of the `version`, holding so many
    tasks, its clock `clock_offset_ms` ahead of the broker's. What an earlier release did not say is None.
    """

    watermark: datetime
    owner: str
    catch_up: list[CatchUpDocument]
    burst: BurstDocument | None
    held: int | None
    version: str | None
    clock_offset_ms: int | None


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

    `sessions` are the ids of the sessions in which its owner writes. `ordered_for`: those of the owner up to whose
    writes `next_times` is complete; owners of earlier releases write tasks alone, and leave it as it is. The last six
    come with a watermark.
    """

    _id: str
    sessions: list[str]
    ordered_for: NotRequired[list[str]]
    owner: NotRequired[str]
    catch_up: NotRequired[list[CatchUpDocument]]
    burst: NotRequired[BurstDocument | None]
    held: NotRequired[int | None]
    version: NotRequired[str | None]
    clock_offset_ms: NotRequired[int | None]


PartitionField = Literal[
    "_id",
    "cluster_id",
    "topic",
    "partition",
    "next_offset",
    "tasks_offset",
    "sessions",
    "ordered_for",
    "watermark",
    "applied_at",
    "owner",
    "catch_up",
    "burst",
    "held",
    "version",
    "clock_offset_ms",
]


class PartitionChanges(TypedDict, total=False):
    """What a batch, the progress behind it, or the next owner sets."""

    next_offset: int
    tasks_offset: int
    sessions: list[str]
    ordered_for: list[str]
    watermark: datetime | None
    applied_at: datetime
    owner: str
    catch_up: list[CatchUpDocument]
    burst: BurstDocument | None
    held: int | None
    version: str | None
    clock_offset_ms: int | None
