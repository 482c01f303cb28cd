"""Calls a second: so many tasks due at once, each calling a local server, from the first start to the last end."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.measurement.cpu import CpuMeter
from bench.measurement.stages import Stages
from bench.measurement.task_events import send_events, soon, until
from tasker_core.messages.runs import RunFinished, decode_result
from tasker_core.time.instant import parse_ms
from tasker_core.topics import PARTITIONS, Topics
from tasker_devstack.isolated_system import System
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import free_port
from tasker_runtime.clock import utc_now
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader

CALLS, SECONDS = 20_000, 120
TARGET = Path(__file__).parents[1] / "measurement" / "http_target.py"


async def curl(system: System, scale: int) -> Stages:
    """20,000 `curl` tasks due in the same second against a local server, with two executors: calls a second."""
    second = system.extra_process("executor")
    await second.start()
    try:
        async with http_target() as url:
            return await _calls(system, "curl", url, CALLS // scale)
    finally:
        await second.stop()


async def http(system: System, scale: int) -> Stages:
    """20,000 `http` tasks due in the same second, each posting JSON to a local server: calls a second."""
    async with http_target() as url:
        return await _calls(system, "http", {"url": url, "body": {"order": 42}}, CALLS // scale)


@asynccontextmanager
async def http_target() -> AsyncGenerator[str]:
    """The URL of a local server that answers at once, in a process of its own."""
    port = free_port()
    process = ChildProcess("target", [sys.executable, str(TARGET), str(port)])
    await process.start()
    try:
        async with asyncio.timeout(20):
            while not await _listens(port):
                await asyncio.sleep(0.05)
        yield f"http://127.0.0.1:{port}/"
    finally:
        await process.stop()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def _calls(system: System, handler: str, payload: Any, count: int) -> Stages:
    due = soon(20 + count // 2_500)
    names, schedule = (f"{handler}-{n:06d}" for n in range(count)), {"at": due.isoformat()}
    task = {"handler": handler, "payload": payload, "schedule": schedule}
    await send_events(system, ({"type": "put", "task": {"id": name, **task}} for name in names))
    if utc_now() >= due:
        raise TimeoutError("the tasks were not saved before they were due: this machine is too slow for the scenario")
    await until(due)
    meter = CpuMeter()
    runs = await _finished(system, count)
    spent = meter.each(count)
    if bad := [run.error for run in runs if run.outcome != "succeeded"]:
        raise ValueError(f"{len(bad)} of {count} runs did not succeed: {bad[0]}")
    started = [parse_ms(run.started_at or "") for run in runs]
    finished = [parse_ms(run.finished_at) for run in runs]
    span = (max(finished) - min(started)) / 1000
    print(f"\n{handler}: {count:,} calls in {span:.1f} s: {count / span:,.0f} a second; {spent}")
    due_ms = int(due.timestamp() * 1000)
    return {
        "nominal → started": [float(at - due_ms) for at in started],
        "nominal → finished": [float(at - due_ms) for at in finished],
        "started → finished": [float(end - begin) for begin, end in zip(started, finished, strict=True)],
    }


async def _finished(system: System, count: int) -> list[RunFinished]:
    """All results, once there are `count`. Raises TimeoutError."""
    reader, topic = PartitionReader(KafkaConnection(system.kafka)), Topics(system.topic_prefix)["results"]
    found: dict[str, RunFinished] = {}
    await reader.start()
    try:
        reader.assign(*(TopicPartition(topic, p) for p in range(PARTITIONS)))
        async with asyncio.timeout(SECONDS):
            while len(found) < count:
                for record in await reader.poll(1000):
                    result = decode_result(record.value or b"")
                    if isinstance(result, RunFinished):
                        found[result.run_id] = result
    finally:
        await reader.stop()
    return list(found.values())
