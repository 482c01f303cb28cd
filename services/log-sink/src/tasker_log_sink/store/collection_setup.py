"""Makes the collections and indexes in MongoDB that the documents need; harmless to repeat."""

from typing import Any

from tasker_core.documents.indexes import INDEXES, TTL
from tasker_core.errors import TaskerError
from tasker_runtime.mongo import CollectionInvalid, Mongo


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
