"""The handler `kafka`: publishes a message to a topic of the cluster that the executor uses."""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from tasker_core.handlers.parameters.kafka import KafkaMessage, kafka_message
from tasker_core.messages import Run
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.handlers.parameters import parse_payload
from tasker_executor.http.trace_context import traceparent
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout
from tasker_runtime.kafka.record_producer import RecordProducer

ACKNOWLEDGEMENT_SECONDS: Final = 10.0
"""How long Kafka has to acknowledge a message; less when the attempt's time-out is shorter."""


def kafka_handler(producer: RecordProducer, topic_prefix: str) -> Callable[[Run], Awaitable[object]]:
    """A handler that publishes over a producer of its own; the topics of the prefix are Tasker's, and refused."""

    async def kafka(run: Run) -> object:
        message = parse_payload(run, kafka_message)
        topic = message.topic
        if topic.startswith(f"{topic_prefix}."):
            reason = f"{topic} is a topic of Tasker itself, to which tasks do not publish; choose another one"
            raise AttemptFailed("own_topic", reason, final=True)
        try:
            if not await producer.topic_exists(topic, ACKNOWLEDGEMENT_SECONDS):
                reason = f"the topic {topic} does not exist here; create it, or mend its name"
                raise AttemptFailed("unknown_topic", reason)
            position = await producer.send(
                topic,
                _value(message),
                key=None if message.key is None else message.key.encode(),
                headers=_headers(message, run),
                seconds=ACKNOWLEDGEMENT_SECONDS,
            )
        except (KafkaError, KafkaTimeout) as error:
            reason = f"not acknowledged, so whether {topic} has the message is unknown: {error}"
            raise AttemptFailed("kafka", reason) from error
        return {"topic": topic, "partition": position.partition, "offset": position.offset}

    return kafka


def _value(message: KafkaMessage) -> bytes | None:
    if message.value is None:
        return None
    return message.value.encode() if isinstance(message.value, str) else msgspec.json.encode(message.value)


def _headers(message: KafkaMessage, run: Run) -> list[tuple[str, bytes]]:
    """The message's own, and those of its run: the same in each attempt, so that consumers recognize a repetition."""
    own = {
        "tasker-run-id": run.run_id,
        "tasker-task-id": run.task_id,
        "tasker-nominal-at": run.nominal_at,
        "traceparent": traceparent(run),
    }
    return [(name, text.encode()) for name, text in {**own, **message.headers}.items() if text is not None]
