"""MongoDB over TLS with a login, on a real mongod; and what is said when it is refused."""

import asyncio
from pathlib import Path

import pytest

from tasker_devstack.backends.certificates import issue_certificates
from tasker_devstack.backends.embedded_mongodb import EmbeddedMongodb, MongodSecurity
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo, PyMongoError

Secured = tuple[EmbeddedMongodb, MongodSecurity]


async def test_documents_are_written_over_tls_by_a_user(secured_mongod: Secured) -> None:
    mongod, security = secured_mongod
    files = security.certificates
    for own in (None, files.client):
        mongo = Mongo(MongoConnection(mongod.url("secured"), files.ca, own))
        await mongo.ping()
        assert await mongo.replica_set() == "rs0"
        session = await mongo.session()

        async def work(mongo: Mongo = mongo, session: object = session) -> None:
            await mongo.database.things.insert_one({}, session=session)

        await mongo.transaction(session, work, lambda: None)
        await session.end_session()
        mongo.close()


async def test_the_user_stays_over_a_restart(secured_mongod: Secured) -> None:
    mongod, security = secured_mongod
    await mongod.stop()
    await mongod.start()
    mongo = Mongo(MongoConnection(mongod.url("secured"), security.certificates.ca))
    await mongo.ping()
    mongo.close()


@pytest.mark.parametrize("case", ["wrong password", "wrong CA", "no TLS", "no user"])
async def test_a_client_that_is_refused_hears_so_soon_and_shows_no_password(
    secured_mongod: Secured, tmp_path: Path, case: str
) -> None:
    mongod, security = secured_mongod
    url, ca = mongod.url("secured"), security.certificates.ca
    refused = {
        "wrong password": (MongoConnection(url.replace("correct", "battery"), ca), "Authentication failed"),
        "wrong CA": (MongoConnection(url, issue_certificates(tmp_path).ca), "CERTIFICATE_VERIFY_FAILED"),
        "no TLS": (MongoConnection(url), "connection closed"),
        "no user": (MongoConnection(url.replace("tasker:correct+horse@", ""), ca), "requires authentication"),
    }
    connection, said = refused[case]
    mongo = Mongo(connection)
    async with asyncio.timeout(15):
        with pytest.raises(PyMongoError, match=said) as raised:
            await mongo.database.things.find_one({})
    assert "horse" not in f"{raised.value!r} {raised.value} {connection!r} {connection}"
    mongo.close()
