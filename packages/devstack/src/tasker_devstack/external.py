"""The user's own MongoDB: whether it can be used, told before anything is started on it."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tasker_devstack.trouble import Trouble

ANSWER_MS = 5_000


async def require_mongodb(url: str) -> None:
    """Raise Trouble unless a URL leads to a replica set that answers."""
    place = f"MongoDB at {_without_password(url)}"
    way_out = "correct MONGODB_URL, or unset it for the embedded MongoDB"
    try:
        hello = await asyncio.to_thread(_hello, url)
    except (PyMongoError, ValueError) as error:
        raise Trouble(f"{place} can't be used ({_reason(error)}): {way_out}") from None
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise Trouble(f"{place} is no replica set, which transactions need: {way_out}")


def _hello(url: str) -> dict[str, Any]:
    with MongoClient[dict[str, Any]](url, serverSelectionTimeoutMS=ANSWER_MS) as client:
        return client.admin.command("hello")


def _without_password(url: str) -> str:
    return url.replace(f"{urlsplit(url).netloc.rpartition('@')[0]}@", "") if "@" in url else url


def _reason(error: Exception) -> str:
    """The first sentence: the rest is the driver's picture of the cluster."""
    return str(error).split(" (configured timeouts")[0].split(", Timeout:")[0]
