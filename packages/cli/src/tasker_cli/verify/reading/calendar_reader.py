"""Reads the versions of calendars: what their verdicts say, and the log of those whose verdicts are not kept."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from tasker_cli.verify.enumeration.calendar_versions import CalendarVersions
from tasker_cli.verify.reading.records import UNREADABLE, VerdictRecord, decode_verdict
from tasker_cli.verify.reading.topic_reader import TopicMissing, TopicReader
from tasker_runtime.mongo import Mongo


async def calendar_versions(topics: TopicReader, prefixes: Sequence[tuple[str, int]], mongo: Mongo) -> CalendarVersions:
    """Of all calendars, whichever their partitions: prefixes with the number of partitions under each.

    Raises UnreadableTopic, KafkaError, PyMongoError.
    """
    found = CalendarVersions()
    matching = {"deleted": False}
    async for one in mongo.majority("calendar_revisions").find(matching, {"name": 1, "version": 1, "days": 1}):
        found.add(one["name"], one["version"], one["days"])

    def handle(records: Sequence[Any]) -> None:
        for record in records:
            if record.value is not None and b"calendar" in record.value:  # most speak of none
                with suppress(*UNREADABLE):  # counted where the verdicts of its partition are judged
                    _add(found, decode_verdict(record.value))

    for prefix, partitions in prefixes:
        if await _has_calendars(topics, prefix):
            for partition in range(partitions):
                await topics.read(f"{prefix}.verdicts", partition, handle)
    return found


def _add(found: CalendarVersions, verdict: VerdictRecord) -> None:
    if verdict.event_type == "calendar" and verdict.verdict == "accepted" and verdict.version is not None:
        found.add(verdict.task_id, verdict.version, verdict.calendar["days"])


async def _has_calendars(topics: TopicReader, prefix: str) -> bool:
    """Whether there was any calendar ever; topics of earlier releases know none."""
    try:
        return (await topics.kept(f"{prefix}.calendars", 0)).records > 0
    except TopicMissing:
        return False
