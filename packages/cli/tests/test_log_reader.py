"""What an audit reads of tasks in MongoDB."""

import pytest

from tasker_cli.verify.reading.log_reader import defined_tasks
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo


@pytest.mark.parametrize(
    ("state", "finished_version", "is_over"),
    [("active", 0, False), ("active", 5, True), ("finished", 5, True), ("paused", 5, False), ("active", 4, False)],
)
async def test_a_task_is_over_for_the_ticker_though_its_last_run_goes_on(
    database: str, state: str, finished_version: int, is_over: bool
) -> None:
    mongo = Mongo(MongoConnection(database))
    task = {
        "_id": "t", "deleted": False, "state": state, "version": 5, "generation": 3, "schedule_json": "{}",
        "finished_version": finished_version,
    }  # fmt: skip
    await mongo.database["tasks"].insert_one(task)
    found = [one async for one in defined_tasks(mongo, ["t"])]
    mongo.close()
    assert [one[4] for one in found] == [is_over]
