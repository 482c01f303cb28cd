"""Change-sets as documents, and what of them journal and history show."""

from itertools import permutations
from random import Random
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


SECOND = stated(9, 20, kind="bulk", action="delete", options={"ids": ["a"]}, owner="api-2", actor="eve", total=7)
CLAIMED = stated(6, 15, owner="api-3")


async def test_of_two_that_begin_under_one_id_the_first_one_stands() -> None:
    """A request that was published twice, or another one at another process while the log lags."""
    for statements, owner in (([ASKED, SECOND], "api-1"), ([ASKED, CLAIMED, SECOND], "api-3")):
        for order in permutations(statements):
            for batches in ([list(order)], [[one] for one in order], [[one, one] for one in order]):
                document = (await documents(*batches))["change_sets"][MOVE]
                assert (document["kind"], document["action"], document["actor"]) == ("bulk", "pause", "ann")
                assert (document["filter_json"], "options_json" in document) == ('{"$tag":["x"]}', False)
                assert (document["owner"], document["created_at"]) == (owner, when(10))
                assert document["total"] == 7, "how far it is, whoever says that last"


@settings(max_examples=100)
@given(st.lists(st.sampled_from(["begin", "claim", "progress"]), min_size=1, max_size=6), st.randoms())
async def test_it_is_the_same_in_whatever_order_it_is_read(history: list[str], chance: Random) -> None:
    content: dict[str, Any] = {
        "begin": {"kind": "bulk", "filter": {"a": 1}},
        "claim": {},
        "progress": {"total": 1},
    }
    events = list[bytes]()
    for number, word in enumerate(history, 1):
        own = {"owner": f"{word} {number}"} if word != "progress" else {"progress": {"published": number}}
        action = {"action": str(number)} if word == "begin" else {}
        events.append(stated(number, number, **content[word], **own, **action))
    document = (await documents(events))["change_sets"][MOVE]
    firsts = [number for number, word in enumerate(history, 1) if word == "begin"]
    claims = [number for number, word in enumerate(history, 1) if word == "claim"]
    assert document.get("action") == (str(firsts[0]) if firsts else None)
    owner = f"claim {claims[-1]}" if claims else f"begin {firsts[0]}" if firsts else None
    assert document.get("owner") == owner
    shuffled = chance.sample(events, len(events))
    assert (await documents(*[[one] for one in shuffled]))["change_sets"][MOVE] == document


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
