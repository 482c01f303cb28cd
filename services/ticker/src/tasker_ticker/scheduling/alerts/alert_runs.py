"""PURE. The runs that deliver alerts: their kind is `alert`, and their task is no task but a name for their target.

So they are retried, logged and given up like any run, while nothing that is counted, cancelled or deleted with a task
meets them. The name lies in the partition of the ticker that makes it, as an id of a task would.
"""

from itertools import count
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Raw
from msgspec.structs import replace
from pydantic import JsonValue

from tasker_core.alerts.wording import sentence, text_of
from tasker_core.handlers.parameters.secret_references import is_reference, sheltered
from tasker_core.handlers.parameters.templates.template import OPENING
from tasker_core.ids import run_id
from tasker_core.messages.alerts import MESSAGE_VERSION, AlertedChange, AlertMessage
from tasker_core.messages.runs import Policy, RetryPolicy, Run
from tasker_core.task import RESERVED_PREFIX
from tasker_core.ticker_state import AlertGroup
from tasker_core.time.instant import rfc3339, rfc3339_second
from tasker_core.topics import partition_of
from tasker_ticker.scheduling.alerts.alert_groups import target_digest

MAX_NAME: Final = 200
POLICY: Final = Policy(
    timeout="PT30S",
    retry=RetryPolicy(max_attempts=10, initial="PT10S", factor=3.0, max="PT6H", jitter=0.1, max_age="P1D"),
)
"""Ten attempts within some 15 hours: after 10 s, 30 s, 90 s, and so on, at last every six hours."""


class AlertRuns:
    """Makes those of one partition of `partitions`. `public_url` is where people reach the web UI, if anywhere."""

    def __init__(self, partition: int, partitions: int, public_url: str | None = None) -> None:
        self._partition, self._partitions, self._public_url = partition, partitions, public_url
        self._names: dict[str, str] = {}

    def run_of(self, group: AlertGroup, built_ms: int, turn: int) -> Run:
        """The run that tells a target what is in its group; `turn` numbers the batches of the partition."""
        target, second = bytes(group.target), built_ms // 1000
        name = self._name(target_digest(target))
        identity = run_id(name, 1, "alert", second, str(turn))
        changes = tuple(self._told(change) for change in group.changes)
        message = AlertMessage(
            version=MESSAGE_VERSION,
            id=identity,
            text=text_of(changes, group.more),
            at=rfc3339_second(second),
            changes=changes,
            more=group.more,
        )
        handler, payload, label = _delivery(
            msgspec.json.decode(target), msgspec.json.decode(msgspec.json.encode(message)), group
        )
        return Run(
            run_id=identity,
            task_id=name,
            task_name=label,
            generation=1,
            version=1,
            kind="alert",
            nominal_at=rfc3339_second(second),
            effective_at=rfc3339_second(second),
            emitted_at=rfc3339(built_ms),
            handler=handler,
            payload=Raw(msgspec.json.encode(payload)),
            policy=POLICY,
        )

    def _told(self, change: AlertedChange) -> AlertedChange:
        """A change in words, with a link to what it is about."""
        about = f"tasks/{change.task_id}" if change.run_id is None else f"runs/{change.run_id}"
        link = None if self._public_url is None else f"{self._public_url.rstrip('/')}/{about}"
        return replace(change, text=sentence(change), link=link)

    def _name(self, digest: str) -> str:
        """A name for a target that lies in this partition; the search takes as many steps as there are partitions."""
        if (name := self._names.get(digest)) is None:
            if len(self._names) >= 10_000:
                self._names.clear()
            names = (f"{RESERVED_PREFIX}{digest}.{number}" for number in count())
            name = next(one for one in names if partition_of(one, self._partitions) == self._partition)
            self._names[digest] = name
        return name


def _delivery(target: dict[str, Any], message: dict[str, Any], group: AlertGroup) -> tuple[str, dict[str, Any], str]:
    """The handler, its payload, and what the run is called."""
    webhook = target.get("webhook")
    if webhook is None:
        topic = target["kafka"]["topic"]
        payload: dict[str, Any] = {"topic": topic, "value": message}
        if len({change.task_id for change in group.changes}) == 1 and not group.more:
            payload["key"] = group.changes[0].task_id
        return "kafka", payload, f"Alert to the topic {topic}"[:MAX_NAME]
    payload = {"url": webhook["url"], "method": "POST", "body": _literal(message)}
    if headers := webhook.get("headers"):
        payload["headers"] = headers
    if secret := webhook.get("secret"):
        payload["sign"] = {"secrets": [secret]}
    return "http", payload, f"Alert to {_host(str(webhook['url']))}"[:MAX_NAME]


def _host(url: str) -> str:
    """What people know a webhook by: its host, or the reference that stands for all of it."""
    return url if is_reference(url) else urlsplit(sheltered(url)).netloc.rpartition("@")[2]


def _literal(value: JsonValue) -> JsonValue:
    """The same, with nothing in it that `http` would take for a template: names and errors are texts of users."""
    if isinstance(value, str):
        return value.replace(OPENING, OPENING * 2)
    if isinstance(value, dict):
        return {name: _literal(member) for name, member in value.items()}
    return [_literal(element) for element in value] if isinstance(value, list) else value
