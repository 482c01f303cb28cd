"""The only import of Motor: a client with bounds, and the database that the URL names."""

from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

__all__ = ["Mongo", "PyMongoError"]

SERVER_SECONDS = 2.0


class Mongo:
    """A connection to MongoDB. `database` is the one named in the URL (`tasker` when it names none).

    Every operation is bounded: a server that can't be found fails within 2 s (by default) with a PyMongoError.
    """

    def __init__(self, url: str, seconds: float = SERVER_SECONDS) -> None:
        self.client: Any = AsyncIOMotorClient(
            url,
            tz_aware=True,
            serverSelectionTimeoutMS=int(seconds * 1000),
            connectTimeoutMS=int(seconds * 1000),
            socketTimeoutMS=30_000,
            uuidRepresentation="standard",
        )
        self.database: Any = self.client.get_default_database("tasker")

    async def replica_set(self) -> str | None:
        """The name of the replica set, or None when the server is none (no transactions, no change streams)."""
        answer: dict[str, Any] = await self.client.admin.command("hello")
        return answer.get("setName")

    def close(self) -> None:
        """Close all connections."""
        self.client.close()
