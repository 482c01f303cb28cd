"""Each order of the list of tasks is read from an index, without a sort; no filter makes it read all tasks."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any, get_args

import pytest
import pytest_asyncio

from tasker_api.queries.cursor import encode_cursor
from tasker_api.queries.run_lists.run_queries import RunQueries
from tasker_api.queries.task_lists.task_filter import TaskFilter
from tasker_api.queries.tasks import TaskQueries, TaskSort
from tasker_api.testing.document_writer import NOON, DocumentWriter
from tasker_core.documents.words import task_words
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo

Plan = dict[str, Any]
TASKS = 1_500
LIMIT = 20
FEW = 12 * LIMIT
"""How many documents and keys a page may touch, whichever plan is found the best."""
KEYS_BY_ID = 2
"""To find a task by its id, among others, takes so many of the index: it is looked for, and where it ends."""
RARE = TaskFilter(tags=("rare",)), TaskFilter(handler="rare"), TaskFilter(state="paused"), TaskFilter(paused_by="ann")
FILTERS = {
    **{f"rare {number}": one for number, one in enumerate(RARE)},
    "rare outcome": TaskFilter(last_outcome="skipped"),
    "no outcome": TaskFilter(last_outcome="none"),
    "many failures": TaskFilter(min_failures=5),
    "frequent tag": TaskFilter(tags=("odd",)),
    "two tags": TaskFilter(tags=("odd", "rare")),
    "the other way round": TaskFilter(tags=("rare", "odd")),
    "frequent handler": TaskFilter(handler="curl"),
    "frequent outcome": TaskFilter(last_outcome="succeeded"),
    "active": TaskFilter(state="active"),
    "frequent words": TaskFilter(q=("task 1",)),
    "names begin with it": TaskFilter(q=("zebra",)),
    "a rare word": TaskFilter(q=("task", "133")),
    "no such word": TaskFilter(q=("task", "zanzibar")),
}


class ExplainedCollection:
    """A collection; what is found there is explained, too, in `plans`."""

    def __init__(self, collection: Any, plans: list[Plan] | None = None) -> None:
        self._collection, self.plans = collection, list[Plan]() if plans is None else plans

    def find(self, query: Any, projection: Any = None, **options: Any) -> "ExplainedCursor":
        return ExplainedCursor(self._collection.find(query, projection, **options), self.plans)

    async def count_documents(self, query: Any, **options: Any) -> int:
        found: int = await self._collection.count_documents(query, **options)
        return found


class ExplainedCursor:
    def __init__(self, cursor: Any, plans: list[Plan]) -> None:
        self._cursor, self._plans = cursor, plans

    def sort(self, order: Any, direction: Any = None) -> "ExplainedCursor":
        self._cursor = self._cursor.sort(order, direction)
        return self

    def min(self, key: Any) -> "ExplainedCursor":
        self._cursor = self._cursor.min(key)
        return self

    def max(self, key: Any) -> "ExplainedCursor":
        self._cursor = self._cursor.max(key)
        return self

    def limit(self, limit: int) -> "ExplainedCursor":
        self._cursor = self._cursor.limit(limit)
        return self

    async def to_list(self, length: int | None) -> list[Any]:
        self._plans.append(await self._cursor.clone().explain())
        return await self._cursor.to_list(length)


class ExplainedQueries(TaskQueries):
    """The reads of tasks, explained."""

    def __init__(self, mongo: Mongo) -> None:
        super().__init__(mongo)
        self.explained = self._tasks = self._by_next_time._tasks = ExplainedCollection(mongo.database["tasks"])  # pyright: ignore[reportPrivateUsage] -- to see the plan of the real query
        self._by_next_time._entries = ExplainedCollection(mongo.database["next_times"], self.explained.plans)  # pyright: ignore[reportPrivateUsage] -- as above


def stages(plan: Plan) -> Iterator[Plan]:
    yield plan
    for inner in [*plan.get("inputStages", ()), *([plan["inputStage"]] if "inputStage" in plan else ())]:
        yield from stages(inner)


def names(plan: Plan) -> set[str]:
    """The kinds of stages of the plan that won."""
    return {stage["stage"] for stage in stages(plan["queryPlanner"]["winningPlan"])}


def indexes(plan: Plan) -> set[str]:
    """The indexes that the plan that won uses."""
    return {stage["indexName"] for stage in stages(plan["queryPlanner"]["winningPlan"]) if "indexName" in stage}


def touched(plan: Plan) -> int:
    """How many documents and keys were looked at."""
    stats = plan["executionStats"]
    return max(stats["totalDocsExamined"], stats["totalKeysExamined"])


def keys(sort: TaskSort) -> int:
    """How many keys of an index a task in this order may take."""
    return KEYS_BY_ID if sort.endswith("next_at") else 1


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def queries(mongodb: str) -> AsyncIterator[ExplainedQueries]:
    """Many tasks, a few of them out of the ordinary."""
    mongo = Mongo(MongoConnection(mongodb.replace("/tasker?", "/list_plans?")))
    await mongo.client.drop_database(mongo.database.name)
    writer = DocumentWriter(mongo)
    await writer.indexes()
    await writer.task("t0")
    one = await mongo.database["tasks"].find_one_and_delete({})
    idle: Plan = {"state": "paused", "paused_by": "ann", "next_at": None}
    rare: Plan = {**idle, "handler": "rare", "last_outcome": "skipped", "failures": 7}
    usual: Plan = {"handler": "curl", "last_outcome": "succeeded"}
    tasks: list[Plan] = [
        one
        | {"_id": f"t{n}", "name": (name := f"Task {n * 7919 % TASKS}"), "created_at": NOON + timedelta(seconds=n)}
        | ({"name": (name := f"Zebra {n}")} if n % 10 == 0 else {})
        | {"words": task_words("t", name, ())}
        | {"tags": [("even", "odd")[n % 2], *(["rare"] if n % 300 == 7 else [])]}
        | {"next_at": NOON + timedelta(seconds=n * 7919 % TASKS // 3)}
        | (rare if n % 300 == 7 else {} if n % 300 == 8 else usual)
        for n in range(TASKS)
    ]
    await mongo.database["tasks"].insert_many(tasks)
    await mongo.database["next_times"].delete_many({})
    await mongo.database["next_times"].insert_many([{name: one[name] for name in ("_id", "next_at")} for one in tasks])
    yield ExplainedQueries(mongo)
    await mongo.client.drop_database(mongo.database.name)
    mongo.close()


@pytest.mark.parametrize("sort", get_args(TaskSort))
async def test_each_order_is_that_of_an_index(queries: ExplainedQueries, sort: TaskSort) -> None:
    queries.explained.plans.clear()
    page, cursor = await queries.page(TaskFilter(), sort, LIMIT, None)
    assert len(page) == LIMIT
    await queries.page(TaskFilter(), sort, LIMIT, cursor)
    for plan in queries.explained.plans:
        assert "IXSCAN" in names(plan)
        assert not names(plan) & {"SORT", "COLLSCAN"}
        assert touched(plan) <= (LIMIT + 2) * keys(sort)


async def test_a_late_page_costs_no_more_than_the_first(queries: ExplainedQueries) -> None:
    queries.explained.plans.clear()
    late: list[tuple[TaskSort, object, str]] = [
        ("name", f"Task {TASKS - 100}", "t5"),
        ("-name", "Task 100", "t5"),
        ("id", f"t{TASKS - 100}", f"t{TASKS - 100}"),
        ("failures", 0, f"t{TASKS - 100}"),  # as nearly all have
        ("-last_outcome", "succeeded", "t100"),
        ("updated_at", NOON, f"t{TASKS - 100}"),
    ]
    for sort, key, at in late:
        page, _ = await queries.page(TaskFilter(), sort, LIMIT, encode_cursor(sort, key, at))
        assert len(page) == LIMIT
    assert all(touched(plan) <= LIMIT + 3 for plan in queries.explained.plans)


@pytest.mark.parametrize("sort", get_args(TaskSort))
@pytest.mark.parametrize("name", FILTERS)
async def test_no_filter_reads_more_than_it_must(
    queries: ExplainedQueries, sort: TaskSort, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasker_api.queries.tasks.FEW", 2 * LIMIT)
    queries.explained.plans.clear()
    await queries.page(FILTERS[name], sort, LIMIT, None)
    for plan in queries.explained.plans:
        assert "COLLSCAN" not in names(plan)
        assert touched(plan) <= FEW * keys(sort), (touched(plan), names(plan))


@pytest.mark.parametrize("sort", get_args(TaskSort))
@pytest.mark.parametrize("name", [name for name in FILTERS if name != "no such word"])
async def test_where_many_pass_a_filter_a_list_is_read_in_its_order(
    queries: ExplainedQueries, sort: TaskSort, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, _ = await queries.page(FILTERS[name], sort, LIMIT, None)
    monkeypatch.setattr("tasker_api.queries.tasks.FEW", 0)
    queries.explained.plans.clear()
    found, cursor = await queries.page(FILTERS[name], sort, LIMIT // 2, None)
    if cursor is not None:
        found += (await queries.page(FILTERS[name], sort, LIMIT // 2, cursor))[0]
    assert [one["_id"] for one in found] == [one["_id"] for one in expected]
    assert not any(names(plan) & {"SORT", "COLLSCAN"} for plan in queries.explained.plans)


@pytest_asyncio.fixture(loop_scope="session")
async def uneven(database: str) -> AsyncIterator[ExplainedQueries]:
    """3,000 tasks that run, 3,000 that are finished; 11 that run have a tag, and 20 that are finished have failed."""
    mongo = Mongo(MongoConnection(database))
    writer = DocumentWriter(mongo)
    await writer.indexes()
    await writer.task("t0")
    one = await mongo.database["tasks"].find_one_and_delete({})
    finished: Plan = {"state": "finished", "next_at": None}
    tasks: list[Plan] = [
        one
        | {"_id": f"t{n}", "tags": ["reports"] if n % 600 == 300 or n == 5_998 else [], "last_outcome": "succeeded"}
        | ({"next_at": NOON + timedelta(seconds=n)} if n % 2 == 0 else finished)
        | ({"last_outcome": "failed"} if n % 300 == 1 else {})
        for n in range(6_000)
    ]
    await mongo.database["tasks"].insert_many(tasks)
    await mongo.database["next_times"].delete_many({})
    await mongo.database["next_times"].insert_many([{name: one[name] for name in ("_id", "next_at")} for one in tasks])
    yield ExplainedQueries(mongo)
    mongo.close()


@pytest.mark.parametrize(("name", "number"), [("reports", 11), ("failed", 20)])
async def test_few_tasks_are_not_looked_for_among_all_next_times(
    uneven: ExplainedQueries, name: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the page is not filled before the end: the last ones, or such as have no next time."""
    task_filter = TaskFilter(tags=("reports",)) if name == "reports" else TaskFilter(last_outcome="failed")
    expected, _ = await uneven.page(task_filter, "next_at", 100, None)
    monkeypatch.setattr("tasker_api.queries.tasks.FEW", 10)
    uneven.explained.plans.clear()
    found, cursor = await uneven.page(task_filter, "next_at", 6, None)
    while cursor is not None:
        page, cursor = await uneven.page(task_filter, "next_at", 6, cursor)
        found += page
    assert len(found) == number
    assert [one["_id"] for one in found] == [one["_id"] for one in expected]
    of_entries = [plan for plan in uneven.explained.plans if "in_order" in indexes(plan)]
    assert sum(plan["executionStats"]["totalKeysExamined"] for plan in of_entries) < 500


async def test_failed_runs_of_a_task_are_found_without_reading_the_others(database: str) -> None:
    mongo = Mongo(MongoConnection(database))
    writer, runs = DocumentWriter(mongo), RunQueries(mongo)
    await writer.indexes()
    for n in range(FEW):
        at = NOON + timedelta(minutes=n)
        failed = n % 40 == 1
        await writer.run(f"r{n}", nominal_at=at, effective_at=at, state="failed" if failed else "succeeded")
        await writer.run(f"o{n}", task_id="b", nominal_at=at, effective_at=at, state="failed")
    explained = ExplainedCollection(mongo.database["runs"])
    runs._runs = explained  # pyright: ignore[reportPrivateUsage] -- to see the plan of the real query
    found = await runs.failed_times("a", 1, NOON, NOON + timedelta(days=1), 100)
    mongo.close()
    assert found == [NOON + timedelta(minutes=n) for n in range(FEW) if n % 40 == 1]
    (plan,) = explained.plans
    assert "SORT" not in names(plan)
    assert touched(plan) <= len(found) + 1


async def test_few_are_counted_among_all_that_are_late_without_a_look_at_each(
    queries: ExplainedQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasker_api.queries.tasks.FEW", 100)
    late = TaskFilter(last_outcome="none", due_before=NOON + timedelta(days=1))
    expected = await queries.explained.count_documents({"last_outcome": None, "next_at": {"$ne": None}})
    queries.explained.plans.clear()
    assert await queries.count_up_to(late, 10) == expected < 10
    assert sum(map(touched, queries.explained.plans)) < TASKS // 2
    assert await queries.count_up_to(late, 3) == 3
    assert await queries.count_up_to(TaskFilter(state="active", due_before=late.due_before), 700) == 700
