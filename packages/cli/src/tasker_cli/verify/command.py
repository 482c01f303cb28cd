"""`tasker verify`: arguments and settings in, report and exit code out."""

import asyncio
import json
import sys
import traceback
from dataclasses import dataclass

from aiokafka.errors import KafkaError
from pydantic import ValidationError

from tasker_cli.verify.audit import Audit, NothingToAudit
from tasker_cli.verify.audit_scope import AuditResult, AuditScope
from tasker_cli.verify.partition_processes import PartitionProcesses
from tasker_cli.verify.progress import TerminalProgress
from tasker_cli.verify.reading.topic_reader import TopicMissing
from tasker_cli.verify.report import report_json, report_lines
from tasker_core.errors import TaskerError
from tasker_runtime.clock import SystemClock
from tasker_runtime.mongo import Mongo, PyMongoError
from tasker_runtime.settings import KafkaSettings, MongoSettings

RIGHT, WRONG, NOT_AUDITED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class AuditArguments:
    """What is to be audited, as the command line says it. `begin` and `end` in epoch seconds, `late` in seconds.

    `since`: seconds back from now, instead of `begin`. `before`: prefixes of topics that are read first.
    """

    tasks: str = ""
    begin: int | None = None
    since: int | None = None
    end: int | None = None
    late: int = 10
    strict: bool = False
    before: tuple[str, ...] = ()
    as_json: bool = False


def verify(given: AuditArguments) -> int:
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
    text = json.dumps(report_json(result), indent=2) if given.as_json else "\n".join(report_lines(result))
    sys.stdout.write(text + "\n")
    return RIGHT if result.findings.is_right else WRONG


async def _audit(given: AuditArguments, progress: TerminalProgress) -> AuditResult:
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
