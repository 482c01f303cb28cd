"""Nothing that the API says or writes shows a key: logs, spans, metrics, answers, events and the keys' own file."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tasker_api.access.credentials import COOKIE
from tasker_api.composition import compose
from tasker_api.settings import ApiSettings
from tasker_api.testing.issued_keys import IssuedKeys
from tasker_runtime.health import Health
from tasker_runtime.metrics.service_metrics import exposed
from tasker_runtime.testing import RecordedLog, RecordedSpans

SECRET = "RootSecret"


@pytest.fixture
def issued(tmp_path: Path) -> IssuedKeys:
    keys = IssuedKeys(tmp_path / "keys.json")
    keys.issue("root", "admin", tags=("finance",))
    return keys


@pytest_asyncio.fixture(loop_scope="session")
async def said(
    kafka: str, topics: str, database: str, issued: IssuedKeys, capfd: pytest.CaptureFixture[str]
) -> AsyncIterator[dict[str, str]]:
    """All that an API said while a key was used rightly and wrongly, by where it said it."""
    log, spans, health = RecordedLog(), RecordedSpans(), Health()
    settings = {"kafka_bootstrap_servers": kafka, "topic_prefix": topics, "mongodb_url": database, "web_root": None}
    parts = compose(ApiSettings(**settings, api_keys_file=issued.file), health, log, spans)  # pyright: ignore[reportArgumentType]
    stream = asyncio.create_task(parts.verdicts.run())
    key = issued.header("root")["Authorization"].removeprefix("Bearer ")
    assert SECRET in key
    answers = list[str]()
    transport = httpx.ASGITransport(parts.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost/api/v1", timeout=20) as client:

        async def ask(method: str, path: str, **options: object) -> None:
            client.cookies.clear()
            answer = await client.request(method, path, **options)  # pyright: ignore[reportArgumentType]
            headers = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
            answers.append(f"{answer.status_code} {headers} {answer.text}")

        header, cookie = issued.header("root"), {"Cookie": f"{COOKIE}={key}"}
        task = {"schedule": {"cron": "0 9 * * *"}, "tags": ["finance"]}
        await ask("PUT", "/tasks/a", json=task, headers=header | {"Tasker-Actor": "ann"})  # 202: nobody decides
        await ask("PUT", "/tasks/a", json={**task, key: 1}, headers=header)
        await ask("GET", "/handlers", headers=cookie)
        await ask("GET", f"/handlers?key={key}", headers=header)
        await ask("GET", f"/tasks/{key}", headers=header)
        await ask("GET", f"/nothing/{key}", headers=header)
        await ask("GET", f"/{key}", headers=header)
        await ask("POST", "/session", json={"key": key})
        await ask("POST", "/session", json={"key": key, key: key})
        await ask("POST", "/session", content=f'{{"key": "{key}"')
        await ask("POST", "/session", content=key, headers={"Content-Type": key})
        await ask("GET", "/session", headers=cookie)
        for shown in (f"Basic {key}", f"Bearer {key}x", f"{key}", f"Bearer {key} {key}"):
            await ask("GET", "/handlers", headers={"Authorization": shown})
        await ask("GET", "/handlers", headers=header | {"If-Match": key, "traceparent": key, "Last-Event-ID": key})
        await ask("PUT", "/tasks/a", json=task, headers=header | {"If-Match": key})
        await ask("GET", "/handlers", headers={"Host": key, **header})
        await ask("GET", "/handlers", headers={"Origin": f"https://{key}", **header})
        await ask("GET", "/stream?task_id=b", headers=header | {"Last-Event-ID": key})
    issued.file.write_text(f'{{"keys": [{{"id": "{key}", "name": "{key}", "sha256": "{key}", "{key}": 1}}]}}')
    keys = parts.app.state.context.keys
    await keys.look()
    journal = [str(one) async for one in parts.mongo.database["journal"].find({})]
    printed = capfd.readouterr()
    assert any(action == "request" for _, action, _ in log.lines)
    assert len(spans.spans) == len(answers)
    yield {
        "log": "\n".join(str(line) for line in log.lines),
        "output": printed.out + printed.err,
        "spans": "\n".join(str(span) for span in spans.spans),
        "metrics": exposed(health.holding()).decode(),
        "health": str(health.report()),
        "answers": "\n".join(answers),
        "journal": "\n".join(journal),
    }
    stream.cancel()
    await asyncio.gather(stream, return_exceptions=True)
    await parts.app.state.context.system.close()
    await asyncio.gather(*(producer.stop() for producer in parts.producers))
    parts.mongo.close()


async def test_no_key_is_shown_anywhere(said: dict[str, str]) -> None:
    assert {where for where, text in said.items() if SECRET.lower() in text.lower()} == set()
    assert "the key is none of those" in said["answers"], "it was used wrongly"
    assert "'status': 202" in said["log"], "and rightly"
    assert "can't be read" in said["health"]
