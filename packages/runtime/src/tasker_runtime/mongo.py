"""The only import of Motor: a client with bounds, and the database that the URL names."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Literal, TypeVar, cast
from uuid import UUID

import pymongo
from bson import Binary
from bson.codec_options import CodecOptions
from bson.errors import BSONError
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import DeleteOne, IndexModel, ReadPreference, ReplaceOne, UpdateOne, WriteConcern
from pymongo.errors import (
    BulkWriteError,
    CollectionInvalid,
    ConnectionFailure,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)
from pymongo.read_concern import ReadConcern
from pymongo.uri_parser import parse_uri

from tasker_core.documents.indexes import INDEXES, PARTIAL, CollectionName, Index
from tasker_runtime.connections.mongo_connection import MongoConnection

__all__ = [
    "UNSTORABLE",
    "BulkWriteError",
    "CollectionInvalid",
    "DeleteOne",
    "DuplicateKeyError",
    "IndexModel",
    "Mongo",
    "OperationFailure",
    "PyMongoError",
    "ReplaceOne",
    "UpdateOne",
    "duplicate_key",
    "is_index_missing",
    "missing_indexes",
    "session_id",
    "update_one",
]

T = TypeVar("T")
F = TypeVar("F", bound=str)
UpdateOperator = Literal["$set", "$unset", "$setOnInsert", "$max", "$push", "$inc"]
Op = TypeVar("Op", bound=UpdateOperator)
SERVER_SECONDS = 2.0
FINISH_SECONDS = 2.0
COMMITS = 5
TRIES = 8
BACKOFF_SECONDS = 0.005
"""Doubled each time, 0.6 s in all: as long as another transaction may take that writes the same."""
DUPLICATE_KEY = 11000
INDEX_MISSING = "hint provided does not correspond to an existing index"
UNSTORABLE = (BSONError, OverflowError)
"""What a document raises that BSON cannot hold: no repeat will store it."""


class Mongo:
    """A connection to MongoDB. `database` is the one named in the URL (`tasker` when it names none).

    Every operation is bounded: a server that can't be found fails within 2 s (by default) with a PyMongoError.
    """

    def __init__(self, connection: MongoConnection, seconds: float = SERVER_SECONDS) -> None:
        self._connection = connection
        self.client: Any = AsyncIOMotorClient(
            connection.url,
            **connection.client_options(),
            tz_aware=True,
            serverSelectionTimeoutMS=int(seconds * 1000),
            connectTimeoutMS=int(seconds * 1000),
            socketTimeoutMS=30_000,
            uuidRepresentation="standard",
        )
        self.database: Any = self.client.get_default_database("tasker")

    async def replica_set(self) -> str | None:
        """The name of the replica set, or None when the server is none (no transactions, no change streams).

        Raises PyMongoError.
        """
        try:
            answer: dict[str, Any] = await self.client.admin.command("hello")
        except ServerSelectionTimeoutError:  # a URL that names a replica set finds no server that is in none
            answer = await self._first_server()
        return answer.get("setName")

    async def _first_server(self) -> dict[str, Any]:
        parsed = parse_uri(self._connection.url)
        (host, port), milliseconds = parsed["nodelist"][0], int(SERVER_SECONDS * 1000)
        tls: dict[str, Any] = {name: value for name, value in parsed["options"].items() if name.startswith("tls")}
        tls |= self._connection.client_options()
        direct: Any = AsyncIOMotorClient(
            host, port, directConnection=True, serverSelectionTimeoutMS=milliseconds, **tls
        )
        try:
            answer: dict[str, Any] = await direct.admin.command("hello")
        finally:
            direct.close()
        return answer

    async def ping(self) -> None:
        """Ask the primary for a sign of life. Raises PyMongoError."""
        with self.within(SERVER_SECONDS):
            await self.client.admin.command("ping", read_preference=ReadPreference.PRIMARY)

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """A deadline for all operations in the context together; one not answered by then raises PyMongoError."""
        return pymongo.timeout(seconds)

    def majority(self, collection: str, *, naive: bool = False) -> Any:
        """A collection that is read as the majority of the replica set has it: what is read is never rolled back.

        `naive`: its datetimes are UTC without saying so, which are read in less than half the time.
        """
        codecs = CodecOptions[dict[str, Any]](tz_aware=False) if naive else None
        return self.database.get_collection(
            collection, codecs, read_concern=ReadConcern("majority"), read_preference=ReadPreference.PRIMARY
        )

    async def session(self) -> Any:
        """A session for one transaction after another, with an id to be found by.

        A transaction whose client has died stays open for a minute, and blocks others that write the same documents: a
        new one in the same session ends it at once, and so does `kill`.
        """
        return await self.client.start_session()

    async def kill(self, session_ids: Iterable[str]) -> None:
        """End the transactions in sessions of ours, whoever opened them. Raises PyMongoError."""
        await self.client.admin.command("killSessions", [{"id": Binary.from_uuid(UUID(one))} for one in session_ids])

    async def transaction(self, session: Any, work: Callable[[], Awaitable[T]], retried: Callable[[], None]) -> T:
        """Run `work` in one transaction on a snapshot, durable on the majority.

        It starts again, at most 8 times and with `retried` called, when MongoDB says that it may, as after a write
        conflict. It has no deadline of its own: a slow one must end some time, and each operation notices a server that
        is away. Raises PyMongoError: whether it was committed may then be unknown.

        Cancelled, it goes on to its end, for at most 2 s: Motor's threads go on with what they have begun, and an
        operation that comes to the server after the end of its transaction would open that anew, for a minute.
        """
        running = asyncio.create_task(self._transaction(session, work, retried))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            running.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # nobody else asks for it
            try:
                await asyncio.wait({running}, timeout=FINISH_SECONDS)
            finally:
                running.cancel()
            raise

    async def _transaction(self, session: Any, work: Callable[[], Awaitable[T]], retried: Callable[[], None]) -> T:
        for again in range(TRIES):
            session.start_transaction(ReadConcern("snapshot"), WriteConcern("majority"), ReadPreference.PRIMARY)
            try:
                result = await work()
                await _commit(session)
                return result
            except PyMongoError as error:
                away = isinstance(error, ConnectionFailure)
                if away or again == TRIES - 1 or not error.has_error_label("TransientTransactionError"):
                    raise
                retried()
            finally:
                if session.in_transaction:
                    await session.abort_transaction()
            await asyncio.sleep(BACKOFF_SECONDS * 2**again)
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        """Close all connections."""
        self.client.close()


def is_index_missing(error: PyMongoError) -> bool:
    """Whether a query failed since the index that it names is not there, or is still being built."""
    return INDEX_MISSING in str(error)


async def missing_indexes(mongo: Mongo) -> list[str]:
    """The indexes of this release that are not there, or still being built: `collection.index`. Raises PyMongoError.

    MongoDB lists those that it is building with those that stand, but answers no query from them; a build outlasts the
    request for it. Each is asked for a document, since what MongoDB says of indexes (`$indexStats`) takes more rights
    than making them. (A collection that is not there is asked for nothing: its answer would be that it has none.)
    """
    collections = set(await mongo.database.list_collection_names())
    return [
        f"{name}.{index.name}"
        for name in INDEXES
        for index in INDEXES[name]
        if name not in collections or not await _stands(mongo, name, index)
    ]


async def _stands(mongo: Mongo, name: CollectionName, index: Index[Any]) -> bool:
    matching, collation = index.options.get(PARTIAL, {}), index.options.get("collation")
    query: Any = mongo.database[name].find(matching, {"_id": 1}, hint=index.name, collation=collation)
    try:
        await query.limit(1).to_list(1)
    except OperationFailure as error:
        if not is_index_missing(error):
            raise
        return False
    return True


def duplicate_key(error: BulkWriteError) -> bool:
    """Whether a document with this id exists already."""
    return any(one["code"] == DUPLICATE_KEY for one in (error.details or {}).get("writeErrors", ()))


def update_one(
    matching: Mapping[F, Any],
    update: Mapping[Op, Mapping[str, object]],
    *,
    upsert: bool = False,
) -> UpdateOne:
    """An update of the document that matches. `matching` has the field names of its document as keys."""
    return UpdateOne(cast("Mapping[str, Any]", matching), cast("Mapping[str, Any]", update), upsert=upsert)


def session_id(session: Any) -> str:
    """The id by which a session is killed."""
    return str(UUID(bytes=bytes(session.session_id["id"])))


async def _commit(session: Any) -> None:
    for left in reversed(range(COMMITS)):
        try:
            await session.commit_transaction()
            return
        except PyMongoError as error:
            if not left or not error.has_error_label("UnknownTransactionCommitResult"):
                raise
