"""The built-in handlers in a whole executor on a real Kafka: what becomes of runs, and that no secret gets out."""

import sys

import msgspec
import pytest

from tasker_core.messages.runs import Policy, RetryPolicy
from tasker_core.time.instant import parse_ms
from tasker_executor.handlers.built_in_handlers import HandlerDependencies, built_in_handlers
from tasker_executor.handlers.execution_log import ExecutionLog
from tasker_executor.http.secrets.secret_store import SecretStore
from tasker_executor.http.session import checked_session
from tasker_executor.testing.executor_harness import CLOCK, ExecutorHarness
from tasker_executor.testing.target_server import LOOPBACK, target_server
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.record_producer import RecordProducer

HIDDEN = "s3cret-that-nobody-sees"


async def test_no_secret_is_in_a_topic_or_in_the_log(
    harness: ExecutorHarness, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets = SecretStore(None, {"TASKER_SECRET_KEY": HIDDEN, "TASKER_SECRET_ODD": f"{HIDDEN}\nand more"})
    producer = RecordProducer(KafkaConnection(harness.bootstrap))
    async with checked_session(LOOPBACK, 50) as session, target_server() as target:
        lines = ExecutionLog("console", sys.stdout, CLOCK)
        handlers = built_in_handlers(HandlerDependencies(lines, session, secrets, producer, harness.prefix, CLOCK))
        headers = {"Authorization": "Bearer secret://key", "X-Key": "secret://key"}
        payloads = [
            {"url": target.url("/echo"), "headers": headers},
            {"url": target.url("/echo"), "headers": headers, "expect": [404]},
            {"url": target.url("/echo").replace("://", "://me:secret://key@")},
            {"url": target.url("/echo"), "headers": {"X-Key": "secret://odd"}},
            {"url": target.url("/echo"), "sign": {"secrets": ["secret://key"]}},
            {"url": target.url(f"/redirect?to=http://127.0.0.2/{HIDDEN}"), "headers": headers, "redirects": "follow"},
            {"url": "http://127.0.0.1:1/", "headers": headers},
        ]
        async with harness.executor(handlers):
            runs = [await harness.send("http", payload) for payload in payloads]
            await harness.all_finished(runs)
            results = [harness.finished()[run.run_id] for run in runs]
            failures = [one for one in results if one.outcome == "failed"]
            await harness.until(lambda: len(harness.dead_letters) == len(failures), "a dead letter of each failure")
    await producer.stop()
    assert [one.error.kind if one.error else None for one in results] == [
        None,
        "http_status",
        None,
        "unusable_secret",
        "unusable_secret",
        "blocked_address",
        "connect",
    ]
    assert HIDDEN in [request.headers.get("X-Key") for request in target.requests]  # they come in any order
    written = [msgspec.json.encode(one) for one in harness.results]
    # The payload of one run contains the secret itself; nothing else that is reported does.
    assert not [one for one in written if HIDDEN.encode() in one.replace(f"/{HIDDEN}".encode(), b"", 1)]
    for dead_letter in harness.dead_letters:
        assert not any(HIDDEN.encode() in value for _, value in dead_letter.headers)
    printed = capsys.readouterr()
    assert "run failed" in printed.out + printed.err
    assert HIDDEN not in printed.out + printed.err


async def test_what_makes_no_sense_to_repeat_is_not_tried_again(harness: ExecutorHarness) -> None:
    policy = Policy(retry=RetryPolicy(max_attempts=3, initial="PT1S"))
    producer = RecordProducer(KafkaConnection(harness.bootstrap))
    async with checked_session(LOOPBACK, 50) as session, target_server() as target:
        handlers = built_in_handlers(
            HandlerDependencies(
                ExecutionLog("console", sys.stdout, CLOCK),
                session,
                SecretStore(None, {}),
                producer,
                harness.prefix,
                CLOCK,
            )
        )
        async with harness.executor(handlers):
            final = [
                await harness.send("http", {"url": target.url("/status?code=404")}, policy=policy),
                await harness.send("http", {"url": "http://10.0.0.1/"}, policy=policy),
                await harness.send("http", {"verify": False}, policy=policy),
                await harness.send("kafka", {"topic": harness.topics["task-events"], "value": {}}, policy=policy),
                await harness.send("curl", target.url("/status?code=410"), policy=policy),
            ]
            again = [
                await harness.send("http", {"url": target.url("/status?code=503&after=3600")}, policy=policy),
                await harness.send("kafka", {"topic": "no-such-topic", "value": 1}, policy=policy),
            ]
            await harness.all_finished(final + again)
    await producer.stop()
    ends = harness.finished()
    assert {ends[run.run_id].retry_at for run in final} == {None}
    pauses = [parse_ms(ends[run.run_id].retry_at or "") - parse_ms(ends[run.run_id].finished_at) for run in again]
    assert pauses[0] >= 3_599_000  # Retry-After
    assert pauses[1] < 60_000
