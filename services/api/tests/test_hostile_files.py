"""While a file of tasks is read that was made to take long, others are answered."""

import asyncio
from time import monotonic

import httpx

BRACKETS = 45_000
FILE = b"[" + b",".join([b'{"id": "a", "payload": [' + b"[]," * BRACKETS + b"[]]}"] * 30) + b"]"
"""Each task in it is as large as is looked at; reading them takes seconds."""


async def test_small_requests_are_answered_beside_hostile_files(client: httpx.AsyncClient) -> None:
    headers = {"content-type": "application/json"}
    plans = [
        asyncio.create_task(client.post("/imports?mode=plan", content=FILE, headers=headers, timeout=120))
        for _ in range(2)
    ]
    seconds, begin = list[float](), monotonic()
    while not all(plan.done() for plan in plans):
        began = monotonic()
        assert (await client.get("/tasks")).status_code == 200
        seconds.append(monotonic() - began)
    whole = monotonic() - begin
    answers = [await plan for plan in plans]
    assert [answer.status_code for answer in answers] == [200, 200], [answer.text[:500] for answer in answers]
    assert all(answer.json()["counts"]["invalid"] == 30 for answer in answers)
    assert len(seconds) > 20, "the files take long enough to tell"
    assert max(seconds) < whole / 4, "a file that held up all others would take half of it; one in 20 is usual"
