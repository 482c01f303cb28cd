"""Handlers of other groups: their runs are left to them, and nobody gives one up that was announced in time."""

from typing import Any

from tasker_core.messages import Run
from tasker_core.topics import PARTITIONS
from tasker_executor.handlers.local_handlers import Registry
from tasker_executor.handlers.plugins import Plugins
from tasker_executor.testing.executor import Trial
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.group_consumer import GroupConsumer


def one(_: Run) -> object:
    return 1


ALL: dict[str, Any] = {"quick": {"default": one, "ours": one}}


async def passed_over(trial: Trial) -> int:
    """How many records of the live lane the executors' group has committed."""

    async def nothing(_: frozenset[TopicPartition]) -> None: ...

    group = GroupConsumer(trial.bootstrap, f"{trial.prefix}-executor", [], assigned=nothing, revoked=nothing)
    await group._consumer.start()  # pyright: ignore[reportPrivateUsage] -- to look without being a member
    try:
        partitions = [TopicPartition(trial.names["due-tasks"], p) for p in range(PARTITIONS)]
        return sum(offset for offset, _ in (await group.committed(partitions)).values())
    finally:
        await group.stop()


async def test_runs_of_another_group_are_passed_over_in_silence(trial: Trial) -> None:
    await trial.announce("theirs", "others")
    await trial.announce("ours", f"{trial.prefix}-executor")
    async with trial.executor(Registry(**ALL)):
        await trial.send("theirs")
        await trial.send("theirs")
        mine = [await trial.send("ours"), await trial.send("default")]
        await trial.all_finished(mine)
    await trial.read()
    assert trial.ends().keys() == {run.run_id for run in mine}
    assert trial.dead_letters == []
    assert await passed_over(trial) == 4


async def test_what_is_announced_while_it_works_is_passed_over_at_once(trial: Trial) -> None:
    async with trial.executor(Registry(**ALL)):
        for number in range(5):
            await trial.announce(f"theirs-{number}", "others")
            await trial.send(f"theirs-{number}")
        last = await trial.send("default")
        await trial.all_finished([last])
    await trial.read()
    assert trial.ends().keys() == {last.run_id}


async def test_what_is_withdrawn_is_nobodys(trial: Trial) -> None:
    await trial.announce("theirs", "others")
    await trial.announce("theirs")
    async with trial.executor(Registry(**ALL)):
        run = await trial.send("theirs")
        await trial.all_finished([run])
    told = trial.finished()[run.run_id]
    assert told.error is not None
    assert told.error.kind == "unknown_handler"


async def test_a_handler_of_ours_that_another_group_announces_is_theirs(trial: Trial) -> None:
    async with trial.executor(Registry(**ALL)):
        await trial.all_finished([await trial.send("ours")])
        await trial.announce("ours", "others")
        await trial.announce("default", "others")  # nobody can take a handler of Tasker itself

        async def seen() -> bool:
            before = len(trial.ends())
            await trial.send("ours")
            await trial.all_finished([await trial.send("default")])
            return len(trial.ends()) == before + 1

        while not await seen():
            pass


async def test_plug_ins_are_announced_once_and_withdrawn_when_they_are_gone(trial: Trial) -> None:
    from tasker.handler import as_handler

    async def greet(_: Any) -> str:
        """Says hello."""
        return "hello"

    await trial.announce("theirs", "others")
    plugins = Plugins({"greet": as_handler(greet), "theirs": as_handler(greet)}, {"broken": "ImportError: no"})
    await trial.announce("broken", f"{trial.prefix}-executor")
    async with trial.executor(Registry(**ALL), plugins) as health:
        detail = health.checks["plug-ins"].detail
        assert "2 loaded" in detail
        assert "'broken' can't be loaded: ImportError: no" in detail
        assert "'theirs' is left to the group others" in detail
    found = await trial.handlers()
    assert {name: said.group for name, said in found.items()} == {
        "theirs": "others",
        "greet": f"{trial.prefix}-executor",
        "broken": f"{trial.prefix}-executor",
    }
    assert found["greet"].description == "Says hello."
    async with trial.executor(Registry(**ALL)):
        pass
    assert (await trial.handlers()).keys() == {"theirs"}
