"""Makes the collections and indexes in MongoDB that the documents need; harmless to repeat.

The log sink does so at each start; `python -m tasker_log_sink.store.collection_setup` does it before.
"""

import sys
from collections.abc import Sequence
from typing import Any

from tasker_core.documents.indexes import INDEXES, TTL
from tasker_core.errors import TaskerError
from tasker_runtime.mongo import CollectionInvalid, Mongo, PyMongoError
from tasker_runtime.settings import MongoSettings
from tasker_runtime.setup_command import NotThereYet, parser, run


class ReplicaSetMissing(TaskerError):
    """MongoDB is no replica set, so it has no transactions: start mongod with --replSet and call rs.initiate() once."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


async def set_up_collections(mongo: Mongo) -> None:
    """Make the collections and indexes that are missing, and set retentions that differ.

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
    for name, indexes in INDEXES.items():
        stored: dict[str, dict[str, Any]] = await mongo.database[name].index_information() if indexes else {}
        for index in indexes:
            if index.name not in stored:
                await mongo.database[name].create_index(list(index.keys), name=index.name, **index.options)
            elif stored[index.name].get(TTL) != index.options.get(TTL):
                change = {"name": index.name, TTL: index.options[TTL]}
                await mongo.database.command("collMod", name, index=change)


def _first_sentence(error: PyMongoError) -> str:
    """The rest is the driver's picture of the cluster."""
    return str(error).split(" (configured timeouts")[0].split(", Timeout:")[0][:300]


async def _set_up() -> None:
    connection = MongoSettings().mongodb
    mongo = Mongo(connection)
    try:
        await set_up_collections(mongo)
    except ReplicaSetMissing as error:
        raise NotThereYet(f"{error} (MongoDB at {connection})") from error
    except PyMongoError as error:
        raise NotThereYet(f"MongoDB at {connection}: {_first_sentence(error)}") from error
    finally:
        mongo.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: 0 when all collections and indexes stand, 1 with one line of reason otherwise."""
    given = parser("tasker_log_sink.store.collection_setup", "Make Tasker's collections and indexes in MongoDB.")
    return run("collections", _set_up, given.parse_args(arguments).wait)


if __name__ == "__main__":
    sys.exit(main())
