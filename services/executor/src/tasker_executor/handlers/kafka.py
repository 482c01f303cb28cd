"""The handler `kafka`: publishes a message to a topic of the cluster that the executor uses."""

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import Final

import msgspec

from tasker_core.handlers.parameters.kafka import KafkaMessage, kafka_message
from tasker_core.messages.runs import Run
from tasker_core.trace_context import HEADER
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.handlers.parameters import PayloadParser
from tasker_executor.run_spans import RunSpans
from tasker_runtime.clock import Clock
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.tracing.spans import Attribute

ACKNOWLEDGEMENT_SECONDS: Final = 10.0
"""How long Kafka has to acknowledge a message; less when the attempt's time-out is shorter."""


def kafka_handler(
    producer: RecordProducer, topic_prefix: str, clock: Clock, spans: RunSpans | None = None
) -> Callable[[Run], Awaitable[object]]:
    """A handler that publishes over a producer of its own; the topics of the prefix are Tasker's, and refused."""

    traced, parse = spans or RunSpans(), PayloadParser(kafka_message)

    async def kafka(run: Run) -> object:
        message = parse(run)
        topic = message.topic
        if topic.startswith(f"{topic_prefix}."):
            reason = f"{topic} is a topic of Tasker itself, to which tasks do not publish; choose another one"
            raise AttemptFailed("own_topic", reason, final=True)
        try:
            if not await producer.topic_exists(topic, ACKNOWLEDGEMENT_SECONDS):
                reason = f"the topic {topic} does not exist here; create it, or mend its name"
                raise AttemptFailed("unknown_topic", reason)
            with _traced(run, topic, traced, clock):
                position = await producer.send(
                    topic,
                    _value(message),
                    key=None if message.key is None else message.key.encode(),
                    headers=_headers(message, run, traced.call_traceparent(run)),
                    seconds=ACKNOWLEDGEMENT_SECONDS,
                )
        except (KafkaError, KafkaTimeout) as error:
            reason = f"not acknowledged, so whether {topic} has the message is unknown: {error}"
            raise AttemptFailed("kafka", reason) from error
        return {"topic": topic, "partition": position.partition, "offset": position.offset}

    return kafka


@contextmanager
def _traced(run: Run, topic: str, spans: RunSpans, clock: Clock) -> Generator[None]:
    """The sending as a span of its run's trace."""
    if not spans.samples(run):
        yield
        return
    start_ms, error = clock.now_ms(), None
    try:
        yield
    except BaseException as failure:  # a cancellation, too
        error = type(failure).__name__
        raise
    finally:
        attributes: dict[str, Attribute] = {"messaging.system": "kafka", "messaging.destination.name": topic}
        if error is not None:
            attributes["error.type"] = error
        end_ms = clock.now_ms()
        spans.record_call(
            run, "send", kind="producer", start_ms=start_ms, end_ms=end_ms, attributes=attributes, error=error
        )


def _value(message: KafkaMessage) -> bytes | None:
    if message.value is None:
        return None
    return message.value.encode() if isinstance(message.value, str) else msgspec.json.encode(message.value)


def _headers(message: KafkaMessage, run: Run, traceparent: str | None) -> list[tuple[str, bytes]]:
    """The message's own, and those of its run: the same in each attempt, so that consumers recognize a repetition."""
    own = {
        "tasker-run-id": run.run_id,
        "tasker-task-id": run.task_id,
        "tasker-nominal-at": run.nominal_at,
        HEADER: traceparent,
    }
    return [(name, text.encode()) for name, text in {**own, **message.headers}.items() if text is not None]
