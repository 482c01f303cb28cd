"""A request without an Idempotency-Key whose fate is unknown is made once, if repeated under the key that is named."""

import asyncio
from typing import Any, cast

import httpx
import pytest

from tasker_api.api_context import ApiContext
from tasker_api.commands.command_builder import CommandBuilder
from tasker_api.problems import Problem
from tasker_api.publishing.command import Command
from tasker_api.publishing.publisher import CommandPublisher
from tasker_api.publishing.verdict import OutcomeUnknown
from tasker_api.testing.deaf_producer import deaf_to, named_key
from tasker_api.testing.fake_ticker import FakeTicker
from tasker_api.testing.running_api import RunningApi
from tasker_core.documents.journal import JournalDocument
from tasker_runtime.clock import SystemClock
from tasker_runtime.kafka.client import KafkaTimeout

DAILY: dict[str, Any] = {"schedule": {"every": "P1D"}}


class UnansweringPublisher(CommandPublisher):
    """Takes what is to be published, and never learns of it."""

    def __init__(self) -> None:
        self.commands = list[Command]()

    async def execute(self, command: Command) -> JournalDocument:
        """As CommandPublisher says."""
        self.commands.append(command)
        raise OutcomeUnknown(command, KafkaTimeout("no answer"))


@pytest.mark.parametrize("given", [None, "mine"])
async def test_the_named_key_makes_the_same_ids_again(given: str | None) -> None:
    publisher = UnansweringPublisher()
    context = cast("ApiContext", _Parts(publisher))

    async def ask(key: str | None) -> tuple[str, list[str]]:
        builder = CommandBuilder(context, key, "rest", "ann", None)
        ids, keys = [builder.new_task_id()], set[str]()
        for number in (1, 2, 3):
            with pytest.raises(Problem) as raised:
                await builder.of_try(number).execute("trigger", "a", {"task_id": "a"})
            ids.append(publisher.commands[-1].event_id)
            keys.add(named_key(raised.value.detail))
        with pytest.raises(Problem) as raised:
            await builder.execute("change-set", ids[0], {}, event_id=ids[0])
        (key,) = keys | {named_key(raised.value.detail)}
        return key, ids

    key, ids = await ask(given)
    assert given in (None, key)
    assert len(set(ids)) == 4
    assert await ask(key) == (key, ids)
    assert (await ask(None))[1] != ids


class _Parts:
    """What a builder asks of the context."""

    def __init__(self, publisher: CommandPublisher) -> None:
        self.publisher, self.clock = publisher, SystemClock()


async def test_a_task_is_created_once(api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker) -> None:
    with deaf_to(api, 1) as producer:
        lost, event = await asyncio.gather(client.post("/tasks", json=DAILY), ticker.decide(version=1))
        assert lost.status_code == 503, lost.text
        task_id = event["task"]["id"]
        await api.documents.task(task_id)
        headers = {"Idempotency-Key": named_key(lost.json()["detail"])}
        again = await client.post("/tasks", json=DAILY, headers=headers)
    assert (again.status_code, again.json()["id"]) == (201, task_id), again.text
    assert (again.headers["Location"], len(producer.sent)) == (f"/api/v1/tasks/{task_id}", 1)
