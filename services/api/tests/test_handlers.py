"""What can run: the list, and the check of payloads against what executors announced."""

import httpx
import pytest

from tasker_api.testing.running_api import RunningApi

OBJECT = '{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}'
BODY = {"id": "t", "schedule": {"every": "PT5S"}, "handler": "greet"}


async def test_the_list_has_what_is_built_in_and_what_is_announced(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.handler("wave", payload_schema_json="true")
    await api.documents.handler("never", payload_schema_json="false")
    await api.documents.handler("withdrawn", withdrawn=True)
    await api.documents.handler("greet", payload_schema_json=OBJECT, group="greeters")
    await api.documents.handler("broken", problem="the payload schema can't be used: it is none")
    items = (await client.get("/handlers")).json()["items"]
    own = [item["name"] for item in items if item["group"] is None]
    assert {"default", "curl"} <= set(own)
    announced = items[len(own) :]
    assert [item["name"] for item in announced] == ["broken", "greet", "never", "wave"]
    broken, greet, never, wave = announced
    assert broken["problem"].startswith("the payload schema")
    assert greet["payload_schema"]["required"] == ["name"]
    assert (greet["group"], greet["problem"], greet["description"]) == ("greeters", None, "What greet does.")
    assert (never["payload_schema"], wave["payload_schema"]) == ({"not": {}}, {})


@pytest.mark.parametrize(("payload", "pointer"), [({}, "/payload"), ({"name": 1}, "/payload/name"), (None, "/payload")])
async def test_a_payload_is_checked_when_a_task_is_saved(
    api: RunningApi, client: httpx.AsyncClient, payload: object, pointer: str
) -> None:
    await api.documents.handler("greet", payload_schema_json=OBJECT)
    for answer in (
        await client.post("/tasks", json=BODY | {"payload": payload}),
        await client.put("/tasks/t", json=BODY | {"payload": payload}),
    ):
        assert answer.status_code == 422, answer.text
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_change_of_a_payload_is_checked(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.handler("greet", payload_schema_json=OBJECT)
    await api.documents.task("existing", handler="greet", payload_json='{"name":"Ada"}')
    answer = await client.patch("/tasks/existing", json={"payload": {"name": 1}})
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/payload/name"]


async def test_what_is_not_known_here_is_left_to_the_ticker(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.handler("greet", withdrawn=True)
    assert (await client.post("/tasks", json=BODY)).status_code == 202
