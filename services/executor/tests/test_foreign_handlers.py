"""Handlers of other groups: their runs are left to them, and none fails that was announced in time."""

import asyncio
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient

from tasker.handler_declaration import as_handler
from tasker_core.messages.runs import Run
from tasker_executor.handlers.local_handlers import LocalHandlers
from tasker_executor.handlers.plugins.loader import LoadedPlugins
from tasker_executor.testing.executor_harness import DEADLINE_SECONDS, ExecutorHarness


def one(_: Run) -> object:
    return 1


ALL: dict[str, Any] = {"quick": {"default": one, "ours": one}}


async def committed_records(harness: ExecutorHarness) -> int:
    """How many records of the live lane the executors' group has committed."""
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=harness.bootstrap)
    await admin.start()
    try:
        commits = await admin.list_consumer_group_offsets(f"{harness.prefix}-executor")
        topic = harness.topics["due-tasks"]
        return sum(commit.offset for partition, commit in commits.items() if partition.topic == topic)
    finally:
        await admin.close()


async def test_runs_of_another_group_are_skipped_in_silence(harness: ExecutorHarness) -> None:
    await harness.announce("theirs", "others")
    await harness.announce("ours", f"{harness.prefix}-executor")
    async with harness.executor(LocalHandlers(**ALL)):
        await harness.send("theirs")
        await harness.send("theirs")
        mine = [await harness.send("ours"), await harness.send("default")]
        await harness.all_finished(mine)
    await harness.read()
    assert harness.ends().keys() == {run.run_id for run in mine}
    assert harness.dead_letters == []
    assert await committed_records(harness) == 4


async def test_what_is_announced_while_it_works_is_skipped_at_once(harness: ExecutorHarness) -> None:
    async with harness.executor(LocalHandlers(**ALL)):
        for number in range(5):
            await harness.announce(f"theirs-{number}", "others")
            await harness.send(f"theirs-{number}")
        last = await harness.send("default")
        await harness.all_finished([last])
    await harness.read()
    assert harness.ends().keys() == {last.run_id}


async def test_what_is_withdrawn_is_nobodys(harness: ExecutorHarness) -> None:
    await harness.announce("theirs", "others")
    await harness.announce("theirs")
    async with harness.executor(LocalHandlers(**ALL)):
        run = await harness.send("theirs")
        await harness.all_finished([run])
    end = harness.finished()[run.run_id]
    assert end.error is not None
    assert end.error.kind == "unknown_handler"


async def test_a_handler_of_ours_that_another_group_announces_is_theirs(harness: ExecutorHarness) -> None:
    async with harness.executor(LocalHandlers(**ALL)):
        await harness.all_finished([await harness.send("ours")])
        await harness.announce("ours", "others")
        await harness.announce("default", "others")  # nobody can take a handler of Tasker itself

        async def skips_it() -> bool:
            before = len(harness.ends())
            await harness.send("ours")
            await harness.all_finished([await harness.send("default")])
            return len(harness.ends()) == before + 1

        async with asyncio.timeout(DEADLINE_SECONDS):
            while not await skips_it():
                pass


async def test_plug_ins_are_announced_once_and_withdrawn_when_they_are_gone(harness: ExecutorHarness) -> None:
    async def greet(_: Any) -> str:
        """Says hello."""
        return "hello"

    await harness.announce("theirs", "others")
    plugins = LoadedPlugins({"greet": as_handler(greet), "theirs": as_handler(greet)}, {"broken": "ImportError: no"})
    await harness.announce("broken", f"{harness.prefix}-executor")
    async with harness.executor(LocalHandlers(**ALL), plugins) as health:
        detail = health.checks["plug-ins"].detail
        assert "2 loaded" in detail
        assert "'broken' can't be loaded: ImportError: no" in detail
        assert "'theirs' is left to the group others" in detail
    found = await harness.announced()
    assert {name: announcement.group for name, announcement in found.items()} == {
        "theirs": "others",
        "greet": f"{harness.prefix}-executor",
        "broken": f"{harness.prefix}-executor",
    }
    assert found["greet"].description == "Says hello."
    async with harness.executor(LocalHandlers(**ALL)):
        pass
    assert (await harness.announced()).keys() == {"theirs"}
