"""How long documents are kept, by settings: refused where it would bring back what had expired, else set."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from pydantic import ValidationError

from tasker_core.documents.indexes import INDEXES, TTL
from tasker_log_sink.settings import RetentionSettings
from tasker_log_sink.store.collection_setup import set_up_collections
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo

EXPIRING = {(name, index.name) for name, indexes in INDEXES.items() for index in indexes if TTL in index.options}


@pytest_asyncio.fixture
async def mongo(database: str) -> AsyncIterator[Mongo]:
    found = Mongo(MongoConnection(database))
    yield found
    found.close()


async def stored(mongo: Mongo) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for name in INDEXES:
        indexes = await mongo.database[name].index_information()
        found |= {(name, index): options[TTL] for index, options in indexes.items() if TTL in options}
    return found


def test_each_index_that_lets_documents_expire_has_its_setting() -> None:
    assert set(RetentionSettings().retentions) == EXPIRING
    defaults = {
        (name, index.name): index.options[TTL]
        for name, indexes in INDEXES.items()
        for index in indexes
        if TTL in index.options
    }
    assert RetentionSettings().retentions == defaults


async def test_another_value_holds_from_the_next_start_on(mongo: Mongo, monkeypatch: pytest.MonkeyPatch) -> None:
    await set_up_collections(mongo)
    monkeypatch.setenv("TASKER_LOG_SINK_RETENTION_RUNS", "P9D")
    monkeypatch.setenv("TASKER_LOG_SINK_RETENTION_REVISIONS", "P52W")
    monkeypatch.setenv("TASKER_LOG_SINK_RETENTION_STATS_MINUTES", "P2D")
    changed = RetentionSettings().retentions
    await set_up_collections(mongo, changed)
    assert await stored(mongo) == changed
    week = 7 * 24 * 3600
    assert changed["runs", "retention"] == 9 * 24 * 3600
    assert changed["revisions", "retention"] == changed["revisions", "retention_of_ends"] == 52 * week
    assert changed["stats", "retention_minute"] == 2 * 24 * 3600


def test_a_tombstone_outlives_the_history_and_the_runs_of_its_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the id could be had by somebody else, and with it what is kept of the deleted task."""
    monkeypatch.setenv("TASKER_LOG_SINK_RETENTION_TOMBSTONES", "P8D")
    assert RetentionSettings().retentions["tasks", "retention"] == 90 * 24 * 3600
    for name in ("REVISIONS", "RUNS", "JOURNAL"):
        monkeypatch.setenv(f"TASKER_LOG_SINK_RETENTION_{name}", "P200D")
        assert RetentionSettings().retentions["tasks", "retention"] == 200 * 24 * 3600
        monkeypatch.setenv(f"TASKER_LOG_SINK_RETENTION_{name}", "P9D")


@pytest.mark.parametrize("name", ["RUNS", "MISSED", "JOURNAL", "REVISIONS", "CALENDARS", "TOMBSTONES"])
def test_what_is_shorter_than_kafka_keeps_it_is_refused_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(f"TASKER_LOG_SINK_RETENTION_{name}", "P1W")
    with pytest.raises(ValidationError, match=r"P1W is too short: Kafka keeps .* for 7 days, .*; give P8D or more"):
        RetentionSettings()
    for also in ("RUNS", "JOURNAL", "REVISIONS", name):
        monkeypatch.setenv(f"TASKER_LOG_SINK_RETENTION_{also}", "P8D")
    assert timedelta(days=8).total_seconds() in RetentionSettings().retentions.values()


def test_what_is_no_duration_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKER_LOG_SINK_RETENTION_RUNS", "P1M")
    with pytest.raises(ValidationError, match="years and months have no fixed length"):
        RetentionSettings()
