"""PURE. Collection `rebuilds`: when the documents were last made again from what Kafka holds."""

from datetime import datetime
from typing import Literal, TypedDict


class RebuildDocument(TypedDict):
    """The last rebuild from one set of topics. `_id` is their prefix.

    While `finished_at` is None it goes on, or was interrupted. `replaced`: whether documents that differed were
    replaced, which is only right once it is finished.
    """

    _id: str
    started_at: datetime
    finished_at: datetime | None
    replaced: bool


RebuildField = Literal["_id", "started_at", "finished_at", "replaced"]
