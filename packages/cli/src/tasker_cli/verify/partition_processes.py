"""One process a core, each with its own connections, for the partitions one after the other."""

import asyncio
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from queue import Empty
from typing import Any, Final

from tasker_cli.verify.audit_scope import PartitionScope
from tasker_cli.verify.partition_audit import PartitionAudit, PartitionResult
from tasker_cli.verify.progress import TerminalProgress
from tasker_cli.verify.reading.topic_reader import TopicReader
from tasker_runtime.clock import SystemClock
from tasker_runtime.mongo import Mongo
from tasker_runtime.settings import KafkaSettings, MongoSettings

SHOWN_EVERY: Final = 0.2
SENT_EVERY: Final = 20_000
_queue: Any = None


class PartitionProcesses:
    """They connect as the environment says (KafkaSettings, MongoSettings)."""

    async def audit(self, parts: Sequence[PartitionScope], progress: TerminalProgress) -> list[PartitionResult]:
        """Audit each partition. Raises what an audit in this process raises."""
        context = multiprocessing.get_context("spawn")
        queue = context.Queue()
        workers = max(1, min(os.cpu_count() or 1, len(parts)))
        loop = asyncio.get_running_loop()
        with ProcessPoolExecutor(workers, context, _connect_to, (queue,)) as pool:
            waits = [loop.run_in_executor(pool, _audit, part) for part in parts]
            try:
                left = set(waits)
                while left:
                    _, left = await asyncio.wait(left, timeout=SHOWN_EVERY, return_when=asyncio.FIRST_EXCEPTION)
                    _show(queue, progress)
                    for wait in waits:
                        if wait.done():
                            wait.result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
        return [wait.result() for wait in waits]


def _show(queue: Any, progress: TerminalProgress) -> None:
    while True:
        try:
            what, count = queue.get_nowait()
        except Empty:
            return
        progress.advance(what, count)


def _connect_to(queue: Any) -> None:
    """In the process: where to tell of the progress."""
    global _queue
    _queue = queue


def _audit(part: PartitionScope) -> PartitionResult:
    return asyncio.run(_audit_partition(part))


async def _audit_partition(part: PartitionScope) -> PartitionResult:
    told = 0

    def progress(what: str, count: int) -> None:
        nonlocal told
        told += count
        if told >= SENT_EVERY:
            _queue.put((what, told))
            told = 0

    kafka, mongo = KafkaSettings().kafka, Mongo(MongoSettings().mongodb)
    try:
        async with TopicReader(kafka.client_options(), progress) as topics:
            return await PartitionAudit(part, topics, mongo, SystemClock().now_ms, progress).run()
    finally:
        mongo.close()
