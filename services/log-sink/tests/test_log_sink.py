"""The process against real Kafka and MongoDB: nothing lost, nothing doubled, whatever dies."""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from tasker_core.messages.base import encode
from tasker_core.messages.watermark import Watermark
from tasker_core.topics import PARTITIONS, TopicName, Topics, partition_of
from tasker_devstack.backends.embedded_kafka import EmbeddedKafka
from tasker_devstack.backends.embedded_mongodb import EmbeddedMongodb, mongod_path
from tasker_devstack.polling import eventually
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import HOST, free_port
from tasker_devstack.processes.service_process import readiness
from tasker_log_sink.testing.counted_runs import has_counted
from tasker_log_sink.testing.messages import at, finished, over_after, started, verdict, when
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.mongo import Mongo, PyMongoError
from tasker_runtime.topic_setup import create_topics

SECONDS, AT_ONCE = 60, 500


class Bench:
    """A prefix of topics, a database, and what a test needs around them."""

    def __init__(self, kafka: str, prefix: str, url: str, stack: AsyncExitStack) -> None:
        self.kafka, self.topics, self.url, self._stack = kafka, Topics(prefix), url, stack
        self._producer, self._sending = RecordProducer(KafkaConnection(kafka)), asyncio.Semaphore(AT_ONCE)
        self.mongo = Mongo(MongoConnection(url))
        stack.push_async_callback(self._producer.stop)
        stack.callback(self.mongo.close)

    async def sink(self, wait: bool = True, **env: str) -> tuple[ChildProcess, int]:
        """A log sink, ready unless `wait` is false; ended with the test."""
        port = free_port()
        given = {
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka,
            "MONGODB_URL": self.url,
            "TASKER_TOPIC_PREFIX": self.topics.prefix,
            "TASKER_METRICS_PORT": str(port),
        }
        child = ChildProcess("log-sink", [sys.executable, "-m", "tasker_log_sink.main"], given | env, print)
        await child.start()
        self._stack.push_async_callback(child.stop)
        if wait:
            await ready(port)
        return child, port

    async def send(self, name: TopicName, task_id: str, value: bytes | None, **more: Any) -> None:
        """One record, where the task lives."""
        home = partition_of(task_id, PARTITIONS)
        async with self._sending:  # the producer's bound is that of one record, not of thousands before it
            await self._producer.send(self.topics[name], value, key=task_id.encode(), partition=home, **more)

    async def results(self, first: int, last: int) -> None:
        """One result for each number, each of a task of its own, which is then over."""
        results = (self.send("results", f"t{n}", finished(f"r{n:05d}", f"t{n}", 3, n)) for n in range(first, last))
        over = (self.send("verdicts", f"t{n}", over_after(f"t{n}", n)) for n in range(first, last))
        await asyncio.gather(*results, *over)

    async def count(self, name: str, **query: Any) -> int:
        """How many documents there are; -1 while MongoDB is away."""
        try:
            found: int = await self.mongo.database[name].count_documents(query)
        except PyMongoError:
            return -1
        return found

    async def until_runs(self, number: int) -> None:
        """Wait until exactly so many runs are there, and their tasks' progress."""

        async def there() -> bool:
            runs = await self.count("runs")
            assert runs <= number
            return runs == number == await self.count("tasks", last_run={"$ne": None}, finished_version=3)

        await eventually(there, f"{number} runs", SECONDS)


async def ready(port: int) -> None:
    await eventually(lambda: says(port, good=True), "ready", SECONDS)


async def logged(child: ChildProcess, action: str) -> bool:
    assert child.running
    return any(action in line for line in child.tail)


async def says(port: int, *words: str, good: bool = False) -> bool:
    is_ready, checks = await readiness(port)
    return is_ready == good and all(word in checks for word in words)


@asynccontextmanager
async def bench_of(kafka: str, topics: str, url: str) -> AsyncGenerator[Bench]:
    async with AsyncExitStack() as stack:
        yield Bench(kafka, topics, url, stack)


@pytest.fixture
async def bench(kafka: str, topics: str, database: str) -> AsyncGenerator[Bench]:
    async with bench_of(kafka, topics, database) as found:
        yield found


async def test_messages_in_documents_out(bench: Bench) -> None:
    child, _ = await bench.sink()
    await bench.send("verdicts", "t", verdict("t", 3, 10, event_id="e/1"))
    await bench.send("results", "t", started("r", "t", 3, 20))
    await bench.send("results", "t", finished("r", "t", 3, 20))
    await bench.send("watermarks", "t", encode(Watermark(time=at(30), next_offset=1, turn=1, owner="o")))
    db = bench.mongo.database
    await eventually(lambda: is_there(db["partitions"], {"watermark": when(30)}), "the watermark", SECONDS)
    await eventually(
        lambda: is_there(db["tasks"], {"_id": "t", "last_run.state": "succeeded", "deleted": False}), "the task"
    )
    await eventually(lambda: is_there(db["runs"], {"_id": "r", "state": "succeeded"}), "the run", SECONDS)
    assert await is_there(db["journal"], {"_id": "t/e/1", "verdict": "accepted"})
    await child.stop()
    assert await child.wait() == 0
    assert "stopped" in "\n".join(child.tail)


async def is_there(collection: Any, query: dict[str, Any]) -> bool:
    return await collection.find_one(query) is not None


async def test_what_cannot_be_used_goes_to_the_dead_letters_and_the_rest_goes_on(bench: Bench) -> None:
    headers = [("binary", b"\xff\xfe"), ("content-type", b"\x80"), ("correlation_id", b"")]
    await bench.results(0, 10)
    await bench.send("results", "t1", b"not JSON", headers=headers)
    await bench.send("results", "t1", None)
    await bench.send("verdicts", "t1", b"\xff")
    await bench.results(10, 20)
    await bench.sink()
    await bench.until_runs(20)
    reader, dead = PartitionReader(KafkaConnection(bench.kafka)), bench.topics["dead-letters"]
    await reader.start()
    reader.assign(*(TopicPartition(dead, p) for p in range(PARTITIONS)))
    found: list[tuple[bytes | None, bytes]] = []

    async def all_there() -> bool:
        found.extend((r.value, dict(r.headers)["tasker-topic"]) for r in await reader.poll(100))
        return len(found) >= 3

    await eventually(all_there, "three dead letters", SECONDS)
    await reader.stop()
    results, verdicts = bench.topics["results"].encode(), bench.topics["verdicts"].encode()
    assert sorted(found, key=str) == sorted([(b"not JSON", results), (b"", results), (b"\xff", verdicts)], key=str)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["kill -9", "SIGTERM"])
async def test_nothing_is_lost_or_doubled_when_the_process_goes(bench: Bench, number: signal.Signals) -> None:
    sent = cuts = 0
    while cuts < 4:  # a stop that comes when all is logged already cuts nothing off
        assert sent < 40 * 1500, "hardly any process was ended in the middle"
        child, _ = await bench.sink(TASKER_LOG_SINK_BATCH_RECORDS="50")
        sending = asyncio.create_task(bench.results(sent, sent + 1500))
        seen = await bench.count("runs")
        await eventually(lambda seen=seen: grown(bench, seen + 300), "some runs", SECONDS)
        await child.stop(number=number)
        await sending
        sent += 1500
        cuts += await bench.count("runs") < sent
    await bench.sink()
    await bench.until_runs(sent)
    assert await bench.count("runs", attempts={"$ne": []}) == 0
    await eventually(lambda: has_counted(bench.mongo, sent), "each run counted once", SECONDS)


async def grown(bench: Bench, number: int) -> bool:
    return await bench.count("runs") >= number


async def test_it_stays_in_the_group_while_mongodb_is_away(kafka: str, topics: str, mongod: EmbeddedMongodb) -> None:
    await mongod.stop()
    async with bench_of(kafka, topics, mongod.url("tasker")) as bench:
        child, port = await bench.sink(wait=False)
        await bench.results(0, 500)
        await eventually(lambda: says(port, "mongodb"), "red health", SECONDS)
        await mongod.start()
        await bench.until_runs(500)
        await mongod.kill()
        await bench.results(500, 1500)
        await eventually(lambda: says(port, "mongodb", "read again"), "red health", SECONDS)
        await eventually(lambda: logged(child, "batch failed"), "a batch that failed", SECONDS)
        await mongod.start()
        await bench.until_runs(1500)
        await ready(port)
        assert sum("assigned" in line for line in child.tail) == 1, "it stays in the group"


async def test_it_goes_on_when_kafka_comes_back(kafka_broker: EmbeddedKafka, database: str) -> None:
    await create_topics(KafkaConnection(kafka_broker.bootstrap), "t")
    async with bench_of(kafka_broker.bootstrap, "t", database) as bench:
        child, _ = await bench.sink()
        await bench.results(0, 100)
        await bench.until_runs(100)
        await kafka_broker.kill()
        await kafka_broker.start()
        await bench.results(100, 200)
        await bench.until_runs(200)
        assert child.running


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["kill -9", "frozen"])
async def test_two_members_share_the_work_and_one_takes_over(bench: Bench, number: signal.Signals) -> None:
    first, port = await bench.sink(TASKER_LOG_SINK_BATCH_RECORDS="20")
    sending = asyncio.create_task(bench.results(0, 4000))
    await eventually(lambda: grown(bench, 200), "some runs", SECONDS)
    await bench.sink(TASKER_LOG_SINK_BATCH_RECORDS="50")
    first.send(number)
    await sending
    await bench.results(4000, 5000)
    await eventually(lambda: grown(bench, 5000), "all runs", SECONDS)
    if number is signal.SIGSTOP:  # it wakes up with batches of partitions that are another's by then
        first.send(signal.SIGCONT)
        await ready(port)
    await bench.results(5000, 5500)
    await bench.until_runs(5500)
    await eventually(lambda: has_counted(bench.mongo, 5500), "each run counted once", SECONDS)


async def test_reading_all_again_changes_nothing(bench: Bench) -> None:
    for n in range(50):
        await bench.send("verdicts", f"t{n}", verdict(f"t{n}", 3, 10))
    await bench.results(0, 50)
    await bench.send("results", "t1", finished("r00001", "t1", 3, 1, worker="other"))
    child, _ = await bench.sink()
    await bench.until_runs(50)
    await eventually(lambda: is_there(bench.mongo.database["runs"], {"attempts": {"$size": 1}}), "the attempt", SECONDS)
    await child.stop()

    async def everything() -> dict[str, list[Any]]:
        names, db = ("runs", "tasks", "journal"), bench.mongo.database
        return {name: await db[name].find().sort("_id").to_list(None) for name in names}

    before = await everything()
    await bench.mongo.database["partitions"].delete_many({})
    await bench.sink()
    await bench.results(50, 51)
    await bench.until_runs(51)
    await bench.mongo.database["runs"].delete_one({"_id": "r00050"})
    await bench.mongo.database["tasks"].delete_one({"_id": "t50"})
    assert await everything() == before


async def test_a_gap_by_retention_is_reported_and_the_sink_goes_on(bench: Bench) -> None:
    await bench.results(0, 200)
    partition = partition_of("t1", PARTITIONS)
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=bench.kafka)
    await admin.start()
    await admin.delete_records({TopicPartition(bench.topics["results"], partition): RecordsToDelete(before_offset=5)})
    await admin.close()
    _, port = await bench.sink(wait=False)
    await eventually(
        lambda: says(port, f"records 0..4 of {bench.topics['results']} partition {partition} were deleted"), "red"
    )
    await eventually(lambda: grown(bench, 195), "the rest", SECONDS)
    assert await bench.count("runs") == 195


@pytest.mark.parametrize("options", ["", "?replicaSet=rs0"])
async def test_a_server_that_is_no_replica_set_is_reported(bench: Bench, tmp_path: Path, options: str) -> None:
    at_port = free_port()
    alone = ChildProcess(
        "mongod", [mongod_path(), "--bind_ip", HOST, "--port", str(at_port), "--dbpath", str(tmp_path), "--quiet"]
    )
    await alone.start()
    bench.url = f"mongodb://{HOST}:{at_port}/tasker{options}"
    child, port = await bench.sink(wait=False)
    await eventually(lambda: says(port, "mongodb: MongoDB is no replica set", "rs.initiate()"), "red health", SECONDS)
    assert child.running
    await child.stop()
    await alone.stop()


async def test_a_result_is_readable_within_a_moment(bench: Bench) -> None:
    await bench.sink()
    loop, waits = asyncio.get_running_loop(), list[float]()
    for n in range(20):
        begun = loop.time()
        await bench.results(n, n + 1)
        await eventually(lambda n=n: grown(bench, n + 1), "the run", SECONDS)
        waits.append(loop.time() - begun)
    assert sorted(waits)[10] < 0.3, waits
