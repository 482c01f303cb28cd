"""Reads of what change-sets were planned for, and what can be taken back of them."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any, cast

import httpx

from tasker_api.change_sets.change_set_job import ChangeSetOrder
from tasker_api.change_sets.portions import PortionSource
from tasker_api.change_sets.undo import UndoneChangeSet
from tasker_api.testing.document_writer import NOON, DocumentWriter
from tasker_api.testing.running_api import RunningApi
from tasker_core.access.key_tags import ALL_TASKS
from tasker_core.documents.change_sets import ChangeSetDocument
from tasker_runtime.clock import utc_now

LATER = NOON + timedelta(minutes=1)
AT = NOON + timedelta(seconds=30)


async def revisions(documents: DocumentWriter, task_id: str, *found: tuple[str, datetime, datetime]) -> None:
    """The history of a task: what happened, since when, and when the log had it."""
    for number, (event_type, since, logged_at) in enumerate(found, 1):
        ended = found[number][1] if number < len(found) else None
        about: dict[str, Any] = {"effective_from": since, "superseded_at": ended, "logged_at": logged_at}
        await documents.revision(task_id, number, event_type=event_type, **about)


async def test_versions_are_those_that_the_log_showed_at_a_time(api: RunningApi) -> None:
    documents = api.documents
    await revisions(documents, "stands", ("put", NOON, NOON))
    await revisions(documents, "edited", ("put", NOON, NOON), ("pause", LATER, LATER))
    await revisions(documents, "deleted", ("put", NOON, NOON), ("delete", LATER, LATER))
    await revisions(documents, "gone", ("put", NOON, NOON), ("delete", NOON + timedelta(seconds=1), NOON))
    await revisions(documents, "made", ("put", LATER, LATER))
    await revisions(documents, "logged-late", ("put", NOON, LATER))
    await revisions(documents, "end-logged-late", ("put", NOON, NOON), ("delete", NOON + timedelta(seconds=1), LATER))
    names = ["stands", "edited", "deleted", "gone", "made", "logged-late", "end-logged-late", "never"]
    found = await api.app.state.context.change_sets.versions_at(names, AT)
    assert found == {"stands": 1, "edited": 1, "deleted": 1, "end-logged-late": 2}, (
        "none has a version 2 of its own now"
    )


def document_of(name: str, **more: Any) -> ChangeSetDocument:
    document: ChangeSetDocument = {
        "_id": name, "first_version": 1, "actor": None, "channel": "rest", "note": None, "created_at": NOON,
        "updated_at": NOON, "state": "done", "state_version": 2, "versions": {}, "kind": "bulk", "action": "pause",
        "logged_at": NOON,
    }  # fmt: skip
    return cast("ChangeSetDocument", document | more)


async def stored(documents: DocumentWriter, name: str, **more: Any) -> None:
    await documents.database["change_sets"].insert_one(document_of(name, **more))


async def test_what_the_journal_does_not_keep_any_more_is_not_undone_in_part(
    api: RunningApi, client: httpx.AsyncClient
) -> None:
    """Its entries expire one after the other, those of a change-set within some time of one another."""
    for change_set, left in (("some", 1), ("all", 0)):
        await stored(api.documents, change_set, counts={"accepted": 3, "rejected": 2})
        for number in range(left):
            entry = {"change_set": change_set, "event_type": "pause"}
            await api.documents.verdict(f"t{number}", f"{change_set}/t{number}", **entry)
        refused = await client.post(f"/change-sets/{change_set}/undo")
        assert refused.status_code == 409
        assert f"what it did to {3 - left} of 3 tasks is not kept in the journal any more" in refused.json()["detail"]
        assert "`revert`" in refused.json()["detail"]
        shown = (await client.get(f"/change-sets/{change_set}")).json()
        assert (shown["accepted"], shown["rejected"]) == (3, 2), "its counts stay"
        assert len((await client.get(f"/change-sets/{change_set}/items")).json()["items"]) == left


async def test_an_undo_that_was_refused_for_some_may_be_repeated(api: RunningApi, client: httpx.AsyncClient) -> None:
    """They had been changed since; once that is undone, they can be taken back as well."""
    about: dict[str, Any] = {"kind": "undo", "action": "undo"}
    for name, left, state in (("whole", 0, "done"), ("partly", 1, "done"), ("still", 1, "running")):
        counts = {"counts": {"accepted": 2 - left, "rejected": left}} if state == "done" else {}
        await stored(api.documents, name, counts={"accepted": 2, "rejected": 0})
        await stored(api.documents, f"undo-{name}", **about, undoes=name, state=state, **counts)
        for number in range(2):
            entry: dict[str, Any] = {"change_set": name, "event_type": "pause"}
            await api.documents.verdict(f"{name}-{number}", f"{name}/{number}", **entry)
    answers = {name: await client.post(f"/change-sets/{name}/undo") for name in ("whole", "partly", "still")}
    assert {name: answer.status_code for name, answer in answers.items()} == {"whole": 409, "partly": 202, "still": 409}
    assert "undone by 'undo-whole' already" in answers["whole"].json()["detail"]


async def test_what_was_cancelled_when_nobody_could_count_is_not_undone_in_part(
    api: RunningApi, client: httpx.AsyncClient
) -> None:
    await stored(api.documents, "lone", state="cancelled", progress={"after": "t1", "published": 2})
    await api.documents.verdict("t0", "lone/t0", change_set="lone", event_type="pause")
    refused = await client.post("/change-sets/lone/undo")
    assert refused.status_code == 409
    assert "1 of 2 tasks is not in the journal yet, or not any more" in refused.json()["detail"]


async def test_what_was_cancelled_just_now_is_not_undone_before_it_is_counted(
    api: RunningApi, client: httpx.AsyncClient
) -> None:
    """What is on its way then is still carried out, here or at another process, and must be undone as well."""
    about: dict[str, Any] = {"state": "cancelled", "progress": {"after": "t0", "published": 1}}
    await stored(api.documents, "elsewhere", **about, updated_at=utc_now())
    runner = api.app.state.context.change_set_runner
    running = asyncio.create_task(runner.run())
    here = document_of("here", **about)
    runner.begin(runner.job(ChangeSetOrder(here, lambda _: never(), resumed=False)))
    for name in ("elsewhere", "here"):
        await api.documents.verdict("t0", f"{name}/t0", change_set=name, event_type="pause")
        refused = await client.post(f"/change-sets/{name}/undo")
        assert (refused.status_code, "try again in a moment" in refused.json()["detail"]) == (409, True), refused.text
        assert int(refused.headers["Retry-After"]) >= 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def never() -> PortionSource:
    raise AssertionError("the log shows no such change-set")


async def test_the_same_again_by_somebody_else_is_not_taken_back(api: RunningApi) -> None:
    """Paused by a change-set, resumed by one and paused by another: that is not what the change-set did any more."""
    documents, change = api.documents, timedelta(minutes=1)
    undo = document_of("undo-b", kind="undo", undoes="b")
    await documents.database["change_sets"].insert_many([document_of("a"), document_of("b"), undo])
    paused = {"task_json": json.dumps({"id": "t", "name": "T", "schedule": {"manual": True}, "paused": True})}
    resumed = {"task_json": json.dumps({"id": "t", "name": "T", "schedule": {"manual": True}, "paused": False})}
    for task_id, by in {"by-hand": (None, None), "undone": ("b", "undo-b")}.items():
        history = [(resumed, "put", None), (paused, "pause", "a"), (resumed, "resume", by[0]), (paused, "pause", by[1])]
        for number, (content, event_type, of) in enumerate(history, 1):
            about: dict[str, Any] = {} if of is None else {"change_set": of}
            ended = None if number == len(history) else NOON + (number + 1) * change
            about |= {"effective_from": NOON + number * change, "superseded_at": ended, "event_type": event_type}
            await documents.revision(task_id, number, **content, **about)
        under = {"event_type": "calendar", "_id": f"{task_id}/4/holidays/2", "position": 9}
        await documents.revision(task_id, 4, **paused, **under, effective_from=NOON + 9 * change)
        await documents.task(task_id, version=4)
        entry = {"change_set": "a", "event_type": "pause", "version": 2}
        await documents.verdict(task_id, f"a/{task_id}", **entry)
    context = api.app.state.context
    source = UndoneChangeSet(context.change_sets, context.tasks, "a", None, ALL_TASKS)
    [portion] = [one async for one in source.portions(None)]
    assert {one.task_id: (one.event_type, one.if_version) for one in portion.items} == {
        "by-hand": ("resume", 2),  # refused: it is at version 4
        "undone": ("resume", 4),
    }


async def test_lists_show_each_key_what_lies_within_its_tags(api: RunningApi) -> None:
    for change_set, more in {
        "all": {},
        "a": {"scope": ["a"]},
        "ab": {"scope": ["a", "b"]},
        "c": {"scope": ["c"]},
    }.items():
        await stored(api.documents, change_set, **more)
    queries = api.app.state.context.change_sets
    for tags, expected in {(): ["all", "a", "ab", "c"], ("a",): ["a"], ("a", "b"): ["a", "ab"], ("d",): []}.items():
        found, after = list[str](), None
        while True:
            page, after = await queries.page(1, after, tags)
            found += [one["_id"] for one in page]
            if after is None:
                break
        assert sorted(found) == sorted(expected), tags
