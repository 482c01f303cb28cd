"""PURE. The rules of what is gone, or can't be read: records that Kafka lost unread, the file of the API keys."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from tasker_api.system.facts import LostRange, SystemFacts
from tasker_api.system.finding import OPERATIONS, Finding, clock

PARTITIONS_NAMED: Final = 3
_TICKER: Final = (
    "these changes had no effect and no answer",
    f"Let their senders send them again. {OPERATIONS}#taskerunreadrecordslost",
)
_EXECUTOR: Final = (
    "these runs were not carried out, and the log has nothing of them",
    f"`tasker verify` names them, a backfill makes up for them. {OPERATIONS}#taskerunreadrecordslost",
)
_LOG_SINK: Final = (
    "the log lacks what they said",
    "`python -m tasker_log_sink.rebuild` brings in what is still held, and ends this finding. "
    f"{OPERATIONS}#taskerrecordslost",
)
_FOR: Final = {"ticker": _TICKER, "executor": _EXECUTOR, "log-sink": _LOG_SINK}


def lost_records(facts: SystemFacts) -> Iterator[Finding]:
    """One finding for each topic of each service; it stands for a day, or until the log is rebuilt."""
    lost = () if facts.kafka is None else sorted(facts.kafka.lost)
    for (service, topic), ranges in groupby(lost, key=lambda one: (one.service, one.topic)):
        yield _of_topic(service, topic, list(ranges))


def _of_topic(service: str, topic: str, ranges: list[LostRange]) -> Finding:
    consequence, action = _FOR[service]
    records = sum(one.records for one in ranges)
    numbers = ", ".join(str(one.partition) for one in ranges[:PARTITIONS_NAMED])
    more = " and others" if len(ranges) > PARTITIONS_NAMED else ""
    where = f"partition{'s' if len(ranges) > 1 else ''} {numbers}{more}"
    return Finding(
        "red",
        service,
        f"Kafka has lost up to {records:,} record{'s' if records > 1 else ''} of {topic} ({where}) before the "
        f"{service.replace('-', ' ')} read them, first seen at {clock(min(one.since for one in ranges))}: "
        f"{consequence}.",
        f"{action} Its log (`records lost`, `gap found`) names the offsets.",
        ranges[0].partition if len(ranges) == 1 else None,
    )


def unread_keys(facts: SystemFacts) -> Iterator[Finding]:
    """Of the API process that answers: each reads the file for itself."""
    if facts.keys_trouble is not None:
        yield Finding(
            "red",
            "api",
            f"This API can't take over changes of its keys: {facts.keys_trouble}. The keys before stay in force, also "
            "those that were revoked since.",
            f"Mend the file: it is read again within a second. {OPERATIONS}#keys-and-roles",
        )
