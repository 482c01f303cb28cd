"""Makes the collections and indexes in MongoDB that the documents need; harmless to repeat.

The log sink does so at each start; `python -m tasker_log_sink.store.collection_setup` does it before.
"""

import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tasker_core.documents.indexes import INDEXES, PARTIAL, RETIRED, TTL, CollectionName, Index, Retentions
from tasker_core.errors import TaskerError
from tasker_log_sink.settings import RetentionSettings
from tasker_log_sink.store.document_upgrade import upgrade_tasks, upgrade_timings, upgrade_words
from tasker_runtime.mongo import CollectionInvalid, IndexModel, Mongo, OperationFailure, PyMongoError, missing_indexes
from tasker_runtime.setup_command import NotThereYet, parser, run

_NAMESPACE_EXISTS: Final = 48


class ReplicaSetMissing(TaskerError):
    """MongoDB is no replica set, so it has no transactions: start mongod with --replSet and call rs.initiate() once."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


async def set_up_collections(mongo: Mongo, retentions: Retentions | None = None) -> None:
    """Make the collections and indexes that are missing, set retentions that differ, and complete earlier documents.

    `retentions`: those of the settings; the defaults without them.
    Raises ReplicaSetMissing, PyMongoError.
    """
    if await mongo.replica_set() is None:
        raise ReplicaSetMissing
    existing = set(await mongo.database.list_collection_names())
    for name in sorted(set(INDEXES) - existing):  # none may be created within a transaction
        try:
            await mongo.database.create_collection(name)
        except CollectionInvalid:
            continue  # another member was quicker
        except OperationFailure as error:
            if error.code != _NAMESPACE_EXISTS:  # the same, between the driver's look and its command
                raise
    for name, indexes in INDEXES.items():
        await _set_up_indexes(mongo, name, [_with_retention(name, index, retentions or {}) for index in indexes])
    await upgrade_tasks(mongo)
    await upgrade_timings(mongo)
    await upgrade_words(mongo)


def _with_retention(name: CollectionName, index: Index[Any], retentions: Retentions) -> Index[Any]:
    seconds = retentions.get((name, index.name))
    return index if seconds is None else index._replace(options={**index.options, TTL: seconds})


async def _set_up_indexes(mongo: Mongo, name: CollectionName, indexes: Sequence[Index[Any]]) -> None:
    """Make what is missing, replace what has other keys or options, and set retentions.

    Indexes that a release defines anew have other names, so that none is ever missing in between; that one of the same
    name differs is the work of somebody else's hand.
    """
    collection = mongo.database[name]
    stored: dict[str, dict[str, Any]] = await collection.index_information() if indexes else {}
    missing: list[IndexModel] = []
    for index in indexes:
        there = stored.get(index.name)
        if there is not None and not _is_same(there, index):
            await collection.drop_index(index.name)
            there = None
        if there is None:
            missing.append(IndexModel(list(index.keys), name=index.name, **index.options))
        elif there.get(TTL) != index.options.get(TTL):
            change = {"name": index.name, TTL: index.options[TTL]}
            await mongo.database.command("collMod", name, index=change)
    if missing:
        await collection.create_indexes(missing)  # at once: MongoDB reads the documents once for all of them


def _is_same(there: Mapping[str, Any], index: Index[Any]) -> bool:
    """Whether a stored index is this one, whatever its retention. MongoDB fills in what a collation leaves out."""
    given, has = index.options.get("collation", {}), there.get("collation", {})
    same_collation = bool(given) == bool(has) and all(has.get(name) == value for name, value in given.items())
    same_filter = there.get(PARTIAL) == index.options.get(PARTIAL)
    return list(there["key"]) == list(index.keys) and same_collation and same_filter


async def drop_retired_indexes(mongo: Mongo) -> None:
    """Drop the indexes of earlier releases that nothing reads any more. Raises PyMongoError."""
    for name, retired in RETIRED.items():
        for index in sorted(set(retired) & set(await mongo.database[name].index_information())):
            await mongo.database[name].drop_index(index)


def _first_sentence(error: PyMongoError) -> str:
    """The rest is the driver's picture of the cluster."""
    return str(error).split(" (configured timeouts")[0].split(", Timeout:")[0][:300]


async def _set_up() -> None:
    settings = RetentionSettings()
    connection = settings.mongodb
    mongo = Mongo(connection)
    try:
        await set_up_collections(mongo, settings.retentions)
        building = await missing_indexes(mongo)
    except ReplicaSetMissing as error:
        raise NotThereYet(f"{error} (MongoDB at {connection})") from error
    except PyMongoError as error:
        raise NotThereYet(f"MongoDB at {connection}: {_first_sentence(error)}") from error
    finally:
        mongo.close()
    if building:
        raise NotThereYet(f"MongoDB at {connection} is still building the index {building[0]}, of {len(building)}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: 0 when all collections and indexes stand, 1 with one line of reason otherwise."""
    given = parser("tasker_log_sink.store.collection_setup", "Make Tasker's collections and indexes in MongoDB.")
    return run("collections", _set_up, given.parse_args(arguments).wait)


if __name__ == "__main__":
    sys.exit(main())
