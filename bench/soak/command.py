"""`python -m bench soak`: a whole Tasker under steady load for hours. What grows is named, and makes exit code 1.

It runs on embedded backends of its own, with short retentions, so that they are seen at work. Processes, topics,
collections, lateness and lag are sampled into `samples.jsonl` of the folder. All along, and in the end, `tasker verify`
judges each occurrence. Ctrl-C ends it early, with the table of what there is; `--judge` prints the table of a folder.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from aiokafka.errors import KafkaError

from bench.machine import describe_machine
from bench.soak.growth import growths
from bench.soak.report import growing, table
from bench.soak.retention import OPLOG_MB
from bench.soak.run import SoakPlan, soak
from bench.soak.sample_file import SampleFile
from bench.soak.sampling import OPLOG
from bench.table import print_columns
from tasker_devstack.errors import DevstackError
from tasker_runtime.mongo import PyMongoError

CAPS: Final = {
    OPLOG: OPLOG_MB * 1.1,
    "memory/kafka": 1_100,  # a heap of 768 MiB, and the JVM's own
    "memory/mongod": 1_300,  # a cache of 0.75 GiB, and what it takes beside it
    "topic/__consumer_offsets": 32,  # 4 partitions, each a segment of 4 MiB and what is not compacted yet
    "topic/__transaction_state": 32,
    "topic/ticker-state": 10,  # some 300 bytes of each retried run, for 24 h
}
"""What may grow up to here: by the settings of Kafka and MongoDB, and by what is kept for longer than the run."""


def main(arguments: list[str]) -> int:
    """0 when nothing grows and every run was right, 1 otherwise, 2 for wrong arguments."""
    parser = argparse.ArgumentParser(prog="bench soak", description=__doc__)
    parser.add_argument("--hours", type=float, default=8, metavar="H", help="how long (default: 8)")
    parser.add_argument("--rate", type=int, default=500, metavar="N", help="runs a second (default: 500)")
    parser.add_argument(
        "--folder", type=Path, help="samples and data are kept here (default: a new one, for the samples alone)"
    )
    parser.add_argument(
        "--limit", type=float, default=2, metavar="X", help="what grows by more than X %% an hour is named (default: 2)"
    )
    parser.add_argument("--judge", action="store_true", help="run nothing: judge the samples in the folder")
    given = parser.parse_args(arguments)
    if given.judge and given.folder is None:
        parser.error("--judge: say by --folder where the samples are")
    if given.hours < 0.02 or not 50 <= given.rate <= 20_000:
        parser.error("give at least 0.02 hours, and a rate from 50 to 20000")
    folder: Path = given.folder or Path(tempfile.mkdtemp(prefix="tasker-soak-"))
    file = SampleFile(folder)
    if not given.judge:
        if file.path.exists():
            parser.error(f"{file.path} is there: give another folder, or --judge")
        folder.mkdir(parents=True, exist_ok=True)
        print(describe_machine())
        try:
            wrong = asyncio.run(soak(SoakPlan(given.hours * 3600, given.rate, folder), file))
        except (DevstackError, KafkaError, PyMongoError, TimeoutError) as error:
            wrong = [f"ended early: {type(error).__name__}: {error}"]
        finally:
            if given.folder is None:
                for name in ("kafka", "mongodb"):
                    shutil.rmtree(folder / name, ignore_errors=True)
        for one in wrong:
            file.note(given.hours * 3600, one)
    return _judged(file, given.limit / 100)


def _judged(file: SampleFile, limit: float) -> int:
    """Print the table, and what is wrong."""
    try:
        found = growths(file.samples())
    except FileNotFoundError:
        sys.stderr.write(f"bench soak: {file.path} is not there\n")
        return 1
    if not found:
        sys.stderr.write(f"bench soak: no samples in {file.path}\n")
        return 1
    print_columns(table(found, limit, CAPS))
    print(f"\nsamples: {file.path}")
    audits: list[dict[str, Any]] = [report for _, report in file.lines("audit")]
    due, right = sum(one["due"] for one in audits), sum(one["right"] for one in audits)
    print(f"tasker verify: {right} of {len(audits)} slices right, {due:,} occurrences due")
    unaudited = [] if audits else ["nothing was audited: no slice was over"]
    wrong = [*file.notes(), *unaudited, *growing(found, limit, CAPS)]
    for one in wrong:
        print(f"not right: {one}")
    if right < len(audits) or wrong:
        return 1
    print(f"right: nothing grows by more than {limit:.0%} an hour, and each occurrence ran once, in time")
    return 0
