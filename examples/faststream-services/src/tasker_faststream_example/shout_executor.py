"""An executor of its own, for the handler `shout`: it keeps to docs/wire-contract.md, and to nothing else of Tasker.

    KAFKA_BOOTSTRAP_SERVERS=localhost:9092 faststream run tasker_faststream_example.shout_executor:app

It carries out one run after the other and commits behind each: after a crash the last one is begun again (at least
once), with the same `run_id`. Since no run is under way when the next record is read, a cancel has nothing to hit.
"""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage

from tasker.task_event_producer import TaskEventProducer
from tasker_core.messages.announcements import HandlerAnnounced
from tasker_core.messages.runs import Run, RunError, RunFinished, decode_due
from tasker_core.time.duration import parse_duration
from tasker_faststream_example.raw_records import value_of, without_headers

BOOTSTRAP = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
PREFIX = os.environ.get("TASKER_TOPIC_PREFIX", "tasker")
HANDLER, GROUP = "shout", f"{PREFIX}-shouters"
SCHEMA = msgspec.Raw(
    b'{"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}'
)
WORKER = f"shouter-{os.getpid()}"
OLDEST = timedelta(hours=24)
COMMIT_EVERY = 1_000
"""So many records of others are passed over before that is committed, too."""

broker = KafkaBroker(BOOTSTRAP, acks="all", enable_idempotence=True)
app = FastStream(broker)
events = TaskEventProducer(BOOTSTRAP, topic=f"{PREFIX}.task-events", actor=GROUP)
passed_over = 0


class Payload(msgspec.Struct):
    """What `shout` takes."""

    text: str


async def shout(payload: Payload) -> dict[str, Any]:
    """The work itself."""
    return {"text": payload.text.upper() + "!"}


@app.on_startup
async def announce() -> None:
    """Tell what can run here, before runs are read: from then on tasks may name it, and other executors leave it."""
    await broker.connect()
    announced = HandlerAnnounced(name=HANDLER, description="Says it louder.", payload_schema=SCHEMA, group=GROUP)
    await broker.publish(msgspec.json.encode(announced), f"{PREFIX}.handlers", key=HANDLER.encode())
    await events.__aenter__()


@app.after_shutdown
async def disconnect() -> None:
    """Flush what is on its way."""
    await events.__aexit__(None, None, None)


@broker.subscriber(
    f"{PREFIX}.due-tasks",
    f"{PREFIX}.due-background",
    group_id=GROUP,
    auto_offset_reset="earliest",
    isolation_level="read_committed",  # what an aborted transaction wrote was never due
    partition_assignment_strategy=(RangePartitionAssignor,),  # the same partitions of both lanes
    ack_policy=AckPolicy.MANUAL,
    parser=without_headers,
    decoder=value_of,
    no_reply=True,
)
async def take(value: bytes, message: KafkaMessage) -> None:
    """Carry out a run of ours, tell its result, and only then commit. Anything else is passed over in silence."""
    global passed_over
    run = due_run(value)
    if run is None:
        passed_over += 1
        if passed_over >= COMMIT_EVERY:
            passed_over = 0
            await message.ack()
        return
    record: Any = message.raw_message
    lane: Literal["live", "background"] = "background" if record.topic.endswith(".due-background") else "live"
    try:
        result = await carried_out(run, lane)
        if reports_end(run):
            await events.outcome(run, result.outcome, result.error)
        # To the partition of the run, where everything about its task is.
        key, encoded = run.task_id.encode(), msgspec.json.encode(result)
        await broker.publish(encoded, f"{PREFIX}.results", key=key, partition=record.partition)
        for successor in run.policy.then or ():
            if successor.follows(result.outcome):
                await events.chain(run, result.outcome, successor.task, lane=lane)  # pyright: ignore[reportArgumentType] -- it is one of both
        await message.ack()
    except Exception:
        app.exit()  # what was not told must not be committed by the next one: begin again at the last commit
        raise


def due_run(value: bytes) -> Run | None:
    """The run in a record, if it is ours."""
    try:
        due = decode_due(value)
    except msgspec.MsgspecError:
        return None  # Tasker's own executor keeps it as a dead letter
    return due if isinstance(due, Run) and due.handler == HANDLER else None


def reports_end(run: Run) -> bool:
    """Whether the ticker wants to know how the run has ended; of a backfill not: a past failure pauses nothing."""
    return run.kind != "backfill" and (run.policy.report_end or run.policy.max_consecutive_failures is not None)


async def carried_out(run: Run, lane: Literal["live", "background"]) -> RunFinished:
    """Do the work, bounded by the run's timeout. Without `retry_at` it is final: nothing is tried again."""
    received = now()
    started: datetime | None = None
    result: Any = None
    error: RunError | None = None
    if received - datetime.fromisoformat(run.emitted_at) >= OLDEST:
        error = RunError("too_old", "emitted more than 24 h ago, so it was not started")
    else:
        started = now()
        try:
            payload = msgspec.json.decode(run.payload, type=Payload)
            async with asyncio.timeout(parse_duration(run.policy.timeout).total_seconds()):
                result = await shout(payload)
        except TimeoutError:
            error = RunError("timeout", f"not done within {run.policy.timeout}")
        except Exception as failure:  # noqa: BLE001 -- whatever it is, the run has failed by it
            error = RunError("error", str(failure))
    return RunFinished(
        **{field: getattr(run, field) for field in Run.__struct_fields__},
        outcome="failed" if error else "succeeded",
        received_at=text(received),
        started_at=None if started is None else text(started),
        finished_at=text(now()),
        result=msgspec.Raw(msgspec.json.encode(result)),
        error=error,
        worker=WORKER,
        lane=lane,
    )


def now() -> datetime:
    """The time, for results."""
    return datetime.now(UTC)  # noqa: TID251 -- a service of its own, with a clock of its own


def text(instant: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03}Z"
