"""Change-sets as documents, and what of them journal and history show."""

from itertools import permutations
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from tasker_core.messages.base import NULL, encode
from tasker_core.messages.verdicts import Verdict
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.testing.messages import at, verdict, when
from tasker_log_sink.testing.stores import Documents, InMemoryStore

NOW = when(5000)
MOVE = "move-2026"


def stated(version: int, second: float, **content: Any) -> bytes:
    """An accepted `change-set` event."""
    about = {"actor": content.pop("actor", "ann"), "channel": content.pop("channel", "rest")}
    return encode(
        Verdict(
            event_id=f"e{version}",
            event_type="change-set",
            task_id=MOVE,
            verdict="accepted",
            version=version,
            effective_from=at(second),
            change_set=MOVE,
            change_set_state=Raw(msgspec.json.encode({"id": MOVE, **content})),
            **about,
        )
    )


async def documents(*batches: list[bytes]) -> Documents:
    store = InMemoryStore()
    for batch in batches:
        await store.apply([], [decode_record("verdicts", value) for value in batch], NOW)
    return store.documents


ASKED = stated(3, 10, kind="bulk", action="pause", filter={"$tag": ["x"]}, state="running", owner="api-1")
COUNTED = stated(5, 11, total=40, progress={"after": "b", "published": 9})
CANCELLED = stated(7, 12, actor="bob", state="cancelled")
LATE = stated(8, 14, state="done", progress={"after": "c", "published": 12}, counts={"accepted": 12})


async def test_it_stands_as_all_that_is_stated_says_in_whatever_order_that_is_read() -> None:
    for order in permutations([ASKED, COUNTED, CANCELLED, LATE]):
        for batches in ([list(order)], [[one] for one in order], [[one, one] for one in order]):
            found = (await documents(*batches))["change_sets"]
            document = found[MOVE]
            assert (document["actor"], document["created_at"], document["updated_at"]) == ("ann", when(10), when(14))
            assert (document["kind"], document["action"], document["filter_json"]) == (
                "bulk",
                "pause",
                '{"$tag":["x"]}',
            )
            assert (document["state"], document["total"], document["owner"]) == ("cancelled", 40, "api-1")
            assert document["progress"]["published"] == 12
            assert document["counts"]["accepted"] == 12


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(["running", "done", "cancelled", None]), st.integers(0, 9)), min_size=1))
async def test_what_is_over_stays_so(history: list[tuple[str | None, int]]) -> None:
    events = [
        stated(number, number, total=total) if state is None else stated(number, number, state=state, total=total)
        for number, (state, total) in enumerate(history, 1)
    ]
    document = (await documents(events))["change_sets"][MOVE]
    over = [state for state, _ in history if state in ("done", "cancelled")]
    assert document["state"] == (over[0] if over else "running")
    assert document["total"] == history[-1][1]
    assert (await documents(events[::-1]))["change_sets"][MOVE] == document


async def test_the_journal_and_the_history_name_the_change_set_of_an_event_and_of_others_none() -> None:
    alone = verdict("task", 1, 0)
    part = verdict("task", 4, 5, change_set=MOVE)
    refused = verdict("task", 9, 6, verdict="rejected", task=None, change_set=MOVE)
    found = await documents([alone, part, refused, ASKED])
    assert {one: entry.get("change_set") for one, entry in found["journal"].items()} == {
        "task/e1": None,
        "task/e4": MOVE,
        "task/e9": MOVE,
        f"{MOVE}/e3": None,  # about it, no part of it
    }
    assert {one: entry.get("change_set") for one, entry in found["revisions"].items()} == {
        "task/1": None,
        "task/4": MOVE,
    }
    assert "change_set" not in found["journal"]["task/e1"]
    assert not found["tasks"].keys() - {"task"}


async def test_a_rejected_statement_leaves_it_as_it_is() -> None:
    refused = encode(
        Verdict(event_id="e", event_type="change-set", task_id="a b", verdict="rejected", change_set_state=NULL)
    )
    found = await documents([refused])
    assert not found["change_sets"]
    assert found["journal"]["/a%20b/e"]["verdict"] == "rejected"
