"""PURE. The parameters of `kafka`."""

from typing import Annotated, Any, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    model_validator,
)

from tasker_core.errors import in_words


def _topic(name: str) -> str:
    if name in (".", ".."):
        raise ValueError("is no name of a topic")
    if name.startswith("__"):
        raise ValueError("is a topic of Kafka itself; choose another one")
    return name


def _header(name: str) -> str:
    if name.lower().startswith("tasker-"):
        raise ValueError("begins with tasker-, as the headers do that Tasker sets; choose another name")
    return name


_TOPIC: Final = r"^[A-Za-z0-9._-]{1,249}$"
_NO_TOPIC: Final = "is no name of a topic: give 1 to 249 letters (A-Z, a-z), digits, dots, underscores or hyphens"
Topic = Annotated[str, StringConstraints(pattern=_TOPIC), AfterValidator(_topic), in_words(_TOPIC, _NO_TOPIC)]
"""A topic's name as Kafka takes it (org.apache.kafka.common.internals.Topic)."""
HeaderName = Annotated[str, StringConstraints(min_length=1, max_length=256), AfterValidator(_header)]


class KafkaMessage(BaseModel):
    """A message to publish.

    `value` is sent as it is when it is a text, and as JSON when it is any other JSON value; null is a tombstone, which
    deletes the key from a compacted topic. Without a `key` the partition is any.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: Topic
    value: JsonValue
    key: Annotated[str, StringConstraints(max_length=1_024)] | None = None
    headers: Annotated[dict[HeaderName, Annotated[str, StringConstraints(max_length=8_000)]], Field(max_length=50)] = {}

    @model_validator(mode="after")
    def _a_tombstone_has_a_key(self) -> Self:
        if self.value is None and self.key is None:
            raise ValueError("a null value deletes a key: give the key, or a value")
        return self


def kafka_message(payload: Any) -> KafkaMessage:
    """The message that a payload describes. Raises pydantic's ValidationError."""
    return KafkaMessage.model_validate(payload)
