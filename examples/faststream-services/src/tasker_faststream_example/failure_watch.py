"""A service that reads `results`: it tells of tasks that fail again and again, and when they work again.

    KAFKA_BOOTSTRAP_SERVERS=localhost:9092 faststream run tasker_faststream_example.failure_watch:app

Records are read at least once, so it goes by `run_id`: who has been told of a run is not told again.
"""

import os
from collections import deque

import msgspec
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker

from tasker_core.messages.runs import RunFinished, RunStarted, decode_result
from tasker_faststream_example.raw_records import value_of, without_headers

PREFIX = os.environ.get("TASKER_TOPIC_PREFIX", "tasker")
IN_A_ROW = 3
REMEMBERED = 10_000

broker = KafkaBroker(os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))
app = FastStream(broker)
failures: dict[str, int] = {}
known: deque[str] = deque(maxlen=REMEMBERED)


@broker.subscriber(
    f"{PREFIX}.results",
    group_id=f"{PREFIX}-failure-watch",
    auto_offset_reset="earliest",
    ack_policy=AckPolicy.ACK,  # behind the work, not before it
    parser=without_headers,
    decoder=value_of,
    no_reply=True,
)
async def watch(value: bytes) -> None:
    """Count the failures in a row of each task; a result with `retry_at` is not the run's last word."""
    result = decoded(value)
    if not isinstance(result, RunFinished) or result.retry_at is not None or result.run_id in known:
        return
    known.append(result.run_id)
    if result.outcome == "succeeded":
        if failures.pop(result.task_id, 0) >= IN_A_ROW:
            tell(f"{result.task_id} works again")
    elif result.outcome == "failed":
        failures[result.task_id] = number = failures.get(result.task_id, 0) + 1
        if number == IN_A_ROW:
            why = result.error.message if result.error else "no reason given"
            tell(f"{result.task_id} has failed {IN_A_ROW} times in a row: {why}")


def decoded(value: bytes) -> RunStarted | RunFinished | None:
    """What a record says; None for types of messages that later releases may bring."""
    try:
        return decode_result(value)
    except msgspec.ValidationError:
        return None


def tell(text: str) -> None:
    """Tell somebody; here, whoever reads the output."""
    print(text, flush=True)  # noqa: T201 -- what the example is for
