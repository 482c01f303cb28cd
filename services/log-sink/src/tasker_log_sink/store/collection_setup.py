"""Collections and indexes in MongoDB as the contract has them; harmless to repeat."""

from typing import Any

from tasker_core.errors import TaskerError
from tasker_runtime.documents import INDEXES
from tasker_runtime.mongo import CollectionInvalid, Mongo

TTL = "expireAfterSeconds"


class ReplicaSetMissing(TaskerError):
    """MongoDB is no replica set, so it has no transactions: start mongod with --replSet and call rs.initiate() once."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


async def prepare(mongo: Mongo) -> None:
    """Make the collections and indexes that are missing, and set retentions that differ.

    Raises ReplicaSetMissing, PyMongoError.
    """
    if await mongo.replica_set() is None:
        raise ReplicaSetMissing
    standing = set(await mongo.database.list_collection_names())
    for name in sorted({*INDEXES, "partitions"} - standing):  # none may come to be within a transaction
        try:
            await mongo.database.create_collection(name)
        except CollectionInvalid:
            continue  # another member was quicker
    for name, indexes in INDEXES.items():
        stored: dict[str, dict[str, Any]] = await mongo.database[name].index_information()
        for index, keys, options in indexes:
            if index not in stored:
                await mongo.database[name].create_index(keys, name=index, **options)
            elif stored[index].get(TTL) != options.get(TTL):
                change = {"name": index, TTL: options[TTL]}
                await mongo.database.command("collMod", name, index=change)
