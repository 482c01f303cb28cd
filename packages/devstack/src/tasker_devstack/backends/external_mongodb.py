"""The user's own MongoDB: the check that it can be used, before anything is started on it."""

import asyncio
from collections.abc import Mapping
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tasker_devstack.errors import DevstackError
from tasker_runtime.connections.mongo_connection import MongoConnection

ANSWER_MS = 5_000


async def require_mongodb(url: str, answer_ms: int = ANSWER_MS, files: Mapping[str, str] | None = None) -> None:
    """Raise DevstackError unless a URL leads to a replica set that answers. `files`: a client's options of TLS."""
    connection = MongoConnection(url)
    subject = f"MongoDB at {connection}"
    way_out = "correct MONGODB_URL, or unset it for the embedded MongoDB"
    try:
        connection.check()  # before the driver, whose errors may show a part of a password that is not escaped
        hello = await asyncio.to_thread(_hello, url, answer_ms, dict(files or {}))
    except (PyMongoError, ValueError) as error:
        raise DevstackError(f"{subject} can't be used ({_reason(error)}): {way_out}") from None
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise DevstackError(f"{subject} is no replica set, which transactions need: {way_out}")


def _hello(url: str, answer_ms: int, files: dict[str, Any]) -> dict[str, Any]:
    with MongoClient[dict[str, Any]](url, serverSelectionTimeoutMS=answer_ms, **files) as client:
        return client.admin.command("hello")


def _reason(error: Exception) -> str:
    """The first sentence: the rest is the driver's picture of the cluster."""
    return str(error).split(" (configured timeouts")[0].split(", Timeout:")[0]
