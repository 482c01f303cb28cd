"""`python -m tasker_log_sink.rebuild`: makes the documents in MongoDB again from what Kafka holds."""

import argparse
import asyncio
import sys
from datetime import datetime
from time import monotonic
from typing import Final

from tasker_core.errors import TaskerError
from tasker_core.time.instant import from_ms
from tasker_log_sink.consuming.cluster_id import cluster_id
from tasker_log_sink.rebuild.rebuild import Rebuild
from tasker_log_sink.rebuild.replacement import Replacement
from tasker_log_sink.settings import SinkSettings
from tasker_log_sink.store.collection_setup import set_up_collections
from tasker_log_sink.store.projection_store import ProjectionStore
from tasker_runtime.clock import SystemClock
from tasker_runtime.kafka.client import KafkaError
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.mongo import Mongo, PyMongoError

REPORT_SECONDS: Final = 5.0


class ProgressLines:
    """A line every five seconds on stderr, and the last one of each stage."""

    def __init__(self) -> None:
        self._at = 0.0

    def report(self, what: str, done: int, total: int) -> None:
        """Say how much of something is done."""
        if monotonic() - self._at > REPORT_SECONDS or done >= total:
            self._at = monotonic()
            share = f" ({100 * done // total} %)" if total else ""
            sys.stderr.write(f"rebuild: {what}: {done:,} of {total:,}{share}\n")


def now() -> datetime:
    """The time by this machine's clock."""
    return from_ms(SystemClock().now_ms())


async def rebuild(*, replace: bool) -> dict[str, int]:
    """Rebuild by the settings of the log sink; returns what was counted."""
    settings, progress = SinkSettings(), ProgressLines()
    mongo, reader = Mongo(settings.mongodb), PartitionReader(settings.kafka)
    try:
        await set_up_collections(mongo, settings.retentions)
        cluster = await cluster_id(settings.kafka)
        await reader.start()
        work = Rebuild(settings.kafka, settings.topics, reader, mongo, now, progress.report)
        store = ProjectionStore(mongo, cluster, settings.topic_prefix, whole_histories=True, counts_runs=False)
        await store.open()
        await (Replacement(work, mongo, cluster, now, progress.report).run(store) if replace else work.run(store))
        return work.counts
    finally:
        await reader.stop()
        mongo.close()


def main() -> int:
    """0 when done, 1 with one line of reason otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tasker_log_sink.rebuild", description=__doc__)
    parser.add_argument(
        "--replace",
        action="store_true",
        help="also replace documents that say something else than Kafka (default: only add what they lack)",
    )
    given = parser.parse_args()
    try:
        counts = asyncio.run(rebuild(replace=given.replace))
    except (TaskerError, KafkaError, PyMongoError) as error:
        sys.stderr.write(f"rebuild: {error}: nothing is lost by it; repeat the command\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("rebuild: interrupted: repeat the command\n")
        return 130
    sys.stdout.write("rebuilt: " + ", ".join(f"{number:,} {what}" for what, number in counts.items()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
