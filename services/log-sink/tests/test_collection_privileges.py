"""What a user of MongoDB needs for the collections: the roles that docs and examples give it, and no more."""

from pymongo import AsyncMongoClient

from tasker_devstack.backends.embedded_mongodb import EmbeddedMongodb, MongodSecurity
from tasker_log_sink.store.collection_setup import set_up_collections
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo, missing_indexes

DATABASE = "privileges"


async def test_read_write_and_db_admin_are_enough(secured_mongod: tuple[EmbeddedMongodb, MongodSecurity]) -> None:
    mongod, security = secured_mongod
    connection = MongoConnection(mongod.url(DATABASE), security.certificates.ca)
    admin: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(connection.url, **connection.client_options())
    roles = [{"role": role, "db": DATABASE} for role in ("readWrite", "dbAdmin")]
    await admin.admin.command("createUser", "few-rights", pwd="few", roles=roles)
    await admin.close()
    own = connection.url.replace("tasker:correct+horse@", "few-rights:few@")
    mongo = Mongo(MongoConnection(own, security.certificates.ca))
    try:
        await set_up_collections(mongo)
        assert await missing_indexes(mongo) == []
    finally:
        mongo.close()
