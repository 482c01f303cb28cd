"""The log sink on a Kafka and a MongoDB that want TLS and a login."""

import asyncio
from uuid import uuid4

from tasker_core.topics import Topics
from tasker_devstack.backends.broker_security import BrokerSecurity
from tasker_devstack.backends.embedded_mongodb import EmbeddedMongodb, MongodSecurity
from tasker_devstack.polling import eventually
from tasker_devstack.processes.ports import HOST
from tasker_log_sink.log_sink import LogSink
from tasker_log_sink.settings import SinkSettings
from tasker_log_sink.testing.messages import finished
from tasker_runtime.clock import SystemClock
from tasker_runtime.dead_letter_producer import DeadLetterProducer
from tasker_runtime.health import Health
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.mongo import Mongo
from tasker_runtime.testing import RecordedLog
from tasker_runtime.topic_setup import create_topics


async def test_a_result_is_logged_over_tls(
    secured_kafka: BrokerSecurity, secured_mongod: tuple[EmbeddedMongodb, MongodSecurity]
) -> None:
    mongod, security = secured_mongod
    settings = SinkSettings.model_validate(
        {
            "kafka_bootstrap_servers": f"{HOST}:{secured_kafka.sasl_port}",
            "kafka_security_protocol": "SASL_SSL",
            "kafka_sasl_username": secured_kafka.username,
            "kafka_sasl_password": secured_kafka.password,
            "kafka_ca_file": secured_kafka.certificates.ca,
            "mongodb_url": mongod.url(f"t{uuid4().hex[:10]}"),
            "mongodb_ca_file": security.certificates.ca,
            "topic_prefix": f"t{uuid4().hex[:10]}",
            "partitions": 1,
        }
    )
    topics: Topics = settings.topics
    await create_topics(settings.kafka, settings.topic_prefix, 1)
    mongo, producer = Mongo(settings.mongodb), RecordProducer(settings.kafka)
    health, log, stopping = Health(), RecordedLog(), asyncio.Event()
    dead_letters = DeadLetterProducer(producer, topics["dead-letters"], "log-sink")
    running = asyncio.create_task(LogSink(settings, mongo, dead_letters, SystemClock(), health, log).run(stopping))

    async def ready() -> bool:
        return health.report().ready

    async def logged() -> bool:
        return await mongo.database["runs"].count_documents({}) == 1

    try:
        await eventually(ready, "the log sink is ready", 60)
        await producer.send(topics["results"], finished("run-1", "task", 1, 20), key=b"task", partition=0)
        await eventually(logged, "the run is logged", 30)
        shown = f"{log.lines} {health.report()}"
        assert security.password not in shown
        assert secured_kafka.password not in shown
    finally:
        stopping.set()
        await running
        await producer.stop()
        mongo.close()
