"""`tasker verify`: arguments and settings in, report and exit code out."""

import asyncio
import json
import re
import sys
import traceback
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import Final

from aiokafka.errors import KafkaError
from pydantic import ValidationError

from tasker_cli.verify.audit import Audit, NothingToAudit
from tasker_cli.verify.audit_scope import AuditResult, AuditScope
from tasker_cli.verify.instants import epoch_ms
from tasker_cli.verify.partition_processes import PartitionProcesses
from tasker_cli.verify.progress import TerminalProgress
from tasker_cli.verify.reading.topic_reader import TopicMissing
from tasker_cli.verify.report import report_json, report_lines
from tasker_core.errors import TaskerError
from tasker_runtime.clock import SystemClock
from tasker_runtime.mongo import Mongo, PyMongoError
from tasker_runtime.settings import KafkaSettings, MongoSettings

RIGHT, WRONG, NOT_AUDITED = 0, 1, 2
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
DESCRIPTION: Final = (
    "Reads Tasker's topics and the log in MongoDB as they are, computes from the tasks' definitions what should have "
    "been, by arithmetic of its own, and judges every occurrence of every task: exactly one fate, in time, carried out "
    "and logged. Kafka and MongoDB are named by the same environment variables as for the services: "
    "KAFKA_BOOTSTRAP_SERVERS, TASKER_TOPIC_PREFIX, MONGODB_URL. Exit code: 0 all is right, 1 something is not, 2 it "
    "can't be judged."
)


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of `verify`."""
    parser.add_argument("--tasks", default="", metavar="PREFIX", help="tasks whose id begins so (default: all)")
    begin = parser.add_mutually_exclusive_group()
    begin.add_argument(
        "--from",
        dest="begin",
        type=_instant,
        metavar="TIME",
        help="from what was due at 2026-12-24T18:00:00Z on (default: all that the topics hold)",
    )
    begin.add_argument("--since", type=_seconds, metavar="10m", help="only so far back")
    parser.add_argument(
        "--to", dest="end", type=_instant, metavar="TIME", help="up to what was due then (default: 15 s ago)"
    )
    parser.add_argument(
        "--late", type=_seconds, default=10, metavar="10s", help="how late a run or its log may be (default: 10s)"
    )
    parser.add_argument(
        "--strict", action="store_true", help="an outage excuses nothing: what is late or missed after it is wrong"
    )
    parser.add_argument(
        "--before",
        action="append",
        default=[],
        metavar="PREFIX",
        help="topics of a migration's source, read before those of TASKER_TOPIC_PREFIX",
    )
    parser.add_argument("--json", action="store_true", help="the report as one JSON object")


def verify(given: Namespace) -> int:
    """Audit, and print the report. The exit code is RIGHT, WRONG or NOT_AUDITED."""
    progress = TerminalProgress()
    try:
        result = asyncio.run(_audit(given, progress))
    except ValidationError as error:
        first = error.errors()[0]
        setting = [f"the setting {'.'.join(map(str, first['loc']))}"] if first["loc"] else []  # others name themselves
        return _failed(": ".join([*setting, first["msg"]]))
    except (NothingToAudit, TopicMissing) as error:
        progress.clear()
        return _failed(str(error))
    except (TaskerError, KafkaError) as error:
        progress.clear()
        return _failed(f"Kafka: {error}: is KAFKA_BOOTSTRAP_SERVERS right?")
    except PyMongoError as error:
        progress.clear()
        return _failed(f"MongoDB: {str(error)[:300]}: is MONGODB_URL right?")
    except Exception as error:  # noqa: BLE001 -- exit code 1 would say that what was judged is wrong
        progress.clear()
        traceback.print_exc()
        return _failed(f"verify itself has failed, nothing is judged: {type(error).__name__}: {error}")
    progress.clear()
    text = json.dumps(report_json(result), indent=2) if given.json else "\n".join(report_lines(result))
    sys.stdout.write(text + "\n")
    return RIGHT if result.findings.is_right else WRONG


async def _audit(given: Namespace, progress: TerminalProgress) -> AuditResult:
    kafka, mongo = KafkaSettings(), Mongo(MongoSettings().mongodb)
    now_ms = SystemClock().now_ms
    begin = given.begin if given.since is None else now_ms() // 1000 - given.since
    scope = AuditScope(given.tasks, begin, given.end, given.late * 1000, strict=given.strict)
    prefixes = [*given.before, kafka.topic_prefix]
    try:
        return await Audit(kafka.kafka, prefixes, mongo, scope, now_ms, progress, PartitionProcesses()).run()
    finally:
        mongo.close()


def _failed(reason: str) -> int:
    sys.stderr.write(f"tasker: {reason}\n")
    return NOT_AUDITED


def _seconds(text: str) -> int:
    if not (match := re.fullmatch(r"(\d{1,6})([smhd])", text)):
        raise ArgumentTypeError("give a number and a unit, such as 90s, 10m, 2h or 1d")
    return int(match[1]) * _UNITS[match[2]]


def _instant(text: str) -> int:
    try:
        return epoch_ms(text) // 1000
    except ValueError:
        raise ArgumentTypeError("give a time with its offset, such as 2026-12-24T18:00:00Z") from None
