"""A mongod on this machine becomes a replica set of one, which transactions and change streams need."""

import asyncio
from collections.abc import Mapping
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from tasker_devstack.processes.ports import HOST

REPLICA_SET = "rs0"
UP_SECONDS = 60
ALREADY_INITIALIZED = 23


async def become_primary(
    port: int, options: Mapping[str, Any] | None = None, new_user: tuple[str, str] | None = None
) -> bool:
    """Make the mongod at a port a replica set, unless it is one, and wait until it takes writes; whether it does.

    `options` are those of the client, `new_user` a user with a password that is made then, who may do everything.
    """
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        HOST, port, directConnection=True, serverSelectionTimeoutMS=5_000, **dict(options or {})
    )
    try:
        members: list[dict[str, Any]] = [{"_id": 0, "host": f"{HOST}:{port}"}]
        try:
            await client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        except OperationFailure as error:
            if error.code != ALREADY_INITIALIZED:
                raise
            await _move_to_this_port(client, members)
        async with asyncio.timeout(UP_SECONDS):
            while not (await client.admin.command("hello"))["isWritablePrimary"]:
                await asyncio.sleep(0.1)
        if new_user is not None:
            await client.admin.command("createUser", new_user[0], pwd=new_user[1], roles=["root"])
    except (PyMongoError, TimeoutError):
        return False
    finally:
        await client.close()
    return True


async def _move_to_this_port(client: "AsyncMongoClient[dict[str, Any]]", members: list[dict[str, Any]]) -> None:
    """Data that was last used on another port: the replica set is given the new one."""
    config = (await client.admin.command("replSetGetConfig"))["config"]
    if config["members"][0]["host"] != members[0]["host"]:
        config |= {"members": members, "version": config["version"] + 1}
        await client.admin.command("replSetReconfig", config, force=True)
