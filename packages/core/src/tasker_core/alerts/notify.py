"""What a user says of who is told: the field `notify` of a task."""

from datetime import timedelta
from typing import Annotated, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from tasker_core.errors import at_most
from tasker_core.handlers.parameters.field_failures import refused, wrong_at
from tasker_core.handlers.parameters.http_headers import Headers
from tasker_core.handlers.parameters.kafka import Topic
from tasker_core.handlers.parameters.secret_references import Reference
from tasker_core.handlers.parameters.templates.template import OPENING
from tasker_core.handlers.parameters.url import (
    MAX_URL_CHARACTERS,
    URL_OR_REFERENCE_SCHEMA,
    checked_url_or_reference,
    has_userinfo,
)
from tasker_core.messages.alerts import AlertWord
from tasker_core.time.duration import PositiveDuration

MAX_ENTRIES: Final = 5
MAX_LATE: Final = timedelta(weeks=1)


_NO_TEMPLATES: Final = "holds {{, but an alert fills in no templates: give it as it is sent"


def _is_empty(value: object) -> bool:
    return value is None or value == {}


def _without_templates(url: str) -> str:
    if OPENING in url:
        raise ValueError(_NO_TEMPLATES)
    return url


def _without_templates_in(headers: dict[str, str]) -> dict[str, str]:
    found = next((name for name, value in headers.items() if OPENING in value), None)
    if found is not None:
        raise refused(wrong_at(found, message=_NO_TEMPLATES))
    return headers


def _once(words: tuple[AlertWord, ...]) -> tuple[AlertWord, ...]:
    return tuple(dict.fromkeys(words))


def _a_lateness(value: timedelta) -> timedelta:
    if value.microseconds:
        raise ValueError("not a whole number of seconds")
    if value > MAX_LATE:
        raise ValueError("longer than a week; give at most P1W")
    return value


Lateness = Annotated[PositiveDuration, AfterValidator(_a_lateness)]
WebhookUrl = Annotated[
    str,
    StringConstraints(max_length=MAX_URL_CHARACTERS),
    AfterValidator(checked_url_or_reference),
    AfterValidator(_without_templates),
    WithJsonSchema(URL_OR_REFERENCE_SCHEMA),
]
Words = Annotated[
    tuple[AlertWord, ...], Field(min_length=1, json_schema_extra={"maxItems": 20}), AfterValidator(_once), at_most(20)
]


class NotifiedWebhook(BaseModel):
    """A URL that gets each message by POST, as JSON.

    `url` may be a reference to a secret that is the whole URL. `secret` is a reference to the key of a signature after
    Standard Webhooks; a value in `headers` may hold references.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: WebhookUrl
    secret: Annotated[Reference | None, Field(exclude_if=_is_empty)] = None
    headers: Annotated[Headers, AfterValidator(_without_templates_in), Field(exclude_if=_is_empty)] = {}

    @model_validator(mode="after")
    def _one_authorization(self) -> Self:
        header = next((name for name in self.headers if name.lower() == "authorization"), None)
        if header is not None and has_userinfo(self.url):
            message = "give either this or user and password in the URL, not both"
            raise refused(wrong_at("headers", header, message=message))
        return self


class NotifiedTopic(BaseModel):
    """A topic of Kafka that gets each message."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: Topic


_ABSENT: Final[JsonValue] = {"type": "null"}
_GIVEN: Final[JsonValue] = {"type": "object"}
_GOES_TOGETHER: Final[dict[str, JsonValue]] = {
    "not": {
        "anyOf": [
            {"properties": {"webhook": _ABSENT, "kafka": _ABSENT}},
            {"required": ["webhook", "kafka"], "properties": {"webhook": _GIVEN, "kafka": _GIVEN}},
        ]
    },
    "if": {"properties": {"on": {"contains": {"const": "late"}}}},
    "then": {"required": ["late"], "properties": {"late": {"type": "string"}}},
    "else": {"properties": {"late": _ABSENT}},
}


class Notify(BaseModel):
    """Who is told `on` which changes of a task's state: exactly one of `webhook` and `kafka`.

    `late`: how long after its time a run may end, in whole seconds, from one second to a week; it goes with the word.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=_GOES_TOGETHER)

    on: Words
    late: Annotated[Lateness | None, Field(exclude_if=_is_empty)] = None
    webhook: Annotated[NotifiedWebhook | None, Field(exclude_if=_is_empty)] = None
    kafka: Annotated[NotifiedTopic | None, Field(exclude_if=_is_empty)] = None

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if self.webhook is None and self.kafka is None:
            raise ValueError("names nobody: give either a webhook or a kafka topic")
        if self.webhook is not None and self.kafka is not None:
            message = "give either this or the webhook; for both make two entries"
            raise refused(wrong_at("kafka", message=message))
        if "late" in self.on and self.late is None:
            message = 'required with "late" in on: how long after its time a run may end, such as PT5M'
            raise refused(wrong_at("late", message=message))
        if "late" not in self.on and self.late is not None:
            raise refused(wrong_at("late", message='goes with "late" in on: add that, or remove this'))
        return self


Notified = Annotated[tuple[Notify, ...], Field(max_length=MAX_ENTRIES), at_most(MAX_ENTRIES)]
