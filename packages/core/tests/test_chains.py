"""Chains: links by example, the graph against a plain enumeration of its ways."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.chains.graph import MAX_STARTED, ChainGraph, chain_errors
from tasker_core.chains.links import MAX_CHAIN, ChainLink, start_error
from tasker_core.errors import InvalidInput
from tasker_core.task import Task, parse_task
from tasker_core.ticker_state import accepted_task

EVERY = {"schedule": {"every": "PT1H"}}
Links = Mapping[str, Sequence[str]]


def graph_of(links: Links) -> ChainGraph:
    graph = ChainGraph()
    for task_id, successors in links.items():
        graph.put(task_id, successors)
    return graph


def line(length: int) -> Links:
    """t0 → t1 → … of so many tasks."""
    return {f"t{n}": [f"t{n + 1}"] for n in range(length - 1)}


def task_with(*then: object) -> Task:
    return parse_task({"id": "a", **EVERY, "then": list(then)})


def errors_of(*then: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        task_with(*then)
    return [(error.pointer, error.message) for error in caught.value.errors]


@pytest.mark.parametrize(
    ("on", "outcomes"), [("succeeded", {"succeeded"}), ("failed", {"failed"}), ("any", {"succeeded", "failed"})]
)
def test_a_link_follows_the_outcomes_that_it_names(on: str, outcomes: set[str]) -> None:
    (link,) = links_of(task_with({"task": "b", "on": on}))
    every = ("succeeded", "failed", "cancelled", "skipped")
    assert {outcome for outcome in every if link.follows(outcome)} == outcomes


def links_of(task: Task) -> tuple[ChainLink, ...]:
    found = accepted_task(task).then
    assert isinstance(found, tuple)
    return found


def test_success_is_the_default_and_a_task_without_successors_says_nothing() -> None:
    assert links_of(task_with({"task": "b"})) == (ChainLink("b"),)
    assert accepted_task(task_with()).successors == ()
    assert "then" not in task_with().model_dump()


def test_wrong_successors_are_named_with_their_place() -> None:
    assert errors_of({"task": "a"})[0][0] == "/then/0/task"
    assert "can't start itself" in errors_of({"task": "a"})[0][1]
    ((place, message),) = errors_of({"task": "b"}, {"task": "c"}, {"task": "b", "on": "failed"})
    assert (place, "on: any" in message) == ("/then/2/task", True)
    assert [
        place for place, _ in errors_of({"task": "b ä"}, {"task": "c", "on": "skipped"}, {"task": "d", "if": 1})
    ] == [
        "/then/0/task",
        "/then/1/on",
        "/then/2/if",
    ]
    assert [place for place, _ in errors_of(*({"task": f"t{n}"} for n in range(21)))] == ["/then"]


def test_the_example_of_the_page_is_accepted() -> None:
    page = (Path(__file__).parents[3] / "docs" / "schedules.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```json task\n(\{\"then\".*?)```", page, re.DOTALL)
    task = parse_task({"id": "load", **EVERY, **json.loads(example)})
    assert [(link.task, link.on) for link in links_of(task)] == [
        ("transform", "succeeded"),
        ("alarm", "failed"),
        ("tidy", "any"),
    ]


def test_a_circle_is_named_with_its_way() -> None:
    graph = graph_of({"b": ["c", "x"], "c": ["d"], "d": ["a"], "y": ["c"]})
    found = chain_errors(graph, "a", ["x", "b", "y"])
    assert [(error.pointer, error.message) for error in found] == [
        ("/then/1/task", "closes a circle: a → b → c → d → a"),
        ("/then/2/task", "closes a circle: a → y → c → d → a"),
    ]
    assert chain_errors(graph, "a", ["x"]) == []


def test_a_task_put_again_is_checked_without_what_it_was() -> None:
    graph = graph_of({"a": ["b"], "b": ["c"]})
    assert chain_errors(graph, "b", ["d"]) == []
    graph.put("a", ())
    assert chain_errors(graph, "b", ["a"]) == []
    assert list(graph.predecessors("b")) == []


def test_so_many_tasks_can_follow_one_another() -> None:
    assert chain_errors(graph_of(line(MAX_CHAIN - 1)), f"t{MAX_CHAIN - 2}", ["end"]) == []
    full = graph_of(line(MAX_CHAIN))
    (at_the_end,) = chain_errors(full, f"t{MAX_CHAIN - 1}", ["end"])
    assert at_the_end.pointer == "/then"
    assert "makes a chain of 21 tasks (t0 → t1 → " in at_the_end.message
    (before,) = chain_errors(full, "first", ["other", "t0"])
    assert "(first → t0 → t1 → " in before.message
    (between,) = chain_errors(graph_of({**line(11), **{f"u{n}": [f"u{n + 1}"] for n in range(10)}}), "t10", ["u0"])
    assert "makes a chain of 22 tasks" in between.message


def test_branches_that_meet_again_are_counted() -> None:
    layers = {f"{n}{side}": [f"{n + 1}l", f"{n + 1}r"] for n in range(8) for side in "lr"}  # 2 + 4 + … + 256 from each
    assert chain_errors(graph_of(layers), "first", ["0l"]) == []
    (too_many,) = chain_errors(graph_of(layers), "first", ["0l", "0r"])
    assert (
        f"1,022 runs follow from one run of first, all branches together; at most {MAX_STARTED:,}" in too_many.message
    )
    (below,) = chain_errors(graph_of(layers), "8l", list("vwxyz"))
    assert "runs follow from one run of 0" in below.message


def test_what_is_connected_with_too_much_is_refused_before_it_takes_long() -> None:
    crowd = {f"from{n}": ["all"] for n in range(60_000)}
    (error,) = chain_errors(graph_of(crowd), "all", ["one"])
    assert "divide them" in error.message
    assert chain_errors(graph_of(crowd), "another", ["all"]) == []


def test_a_run_may_not_come_back_whatever_was_accepted() -> None:
    assert start_error(["a", "b"], "c") is None
    assert "closes a circle: a → b → a" in (start_error(["a", "b"], "a") or "")
    assert start_error([f"t{n}" for n in range(MAX_CHAIN - 1)], "end") is None
    assert "a chain of 21 tasks" in (start_error([f"t{n}" for n in range(MAX_CHAIN)], "end") or "")


def ways(links: Links, start: str) -> Iterator[list[str]]:
    """All ways from a task, itself the first of each; one that comes to a task again ends there."""
    yield [start]
    for name in links.get(start, ()):
        for rest in ways({k: v for k, v in links.items() if k != start}, name):
            yield [start, *rest]


@given(st.lists(st.tuples(st.sampled_from("abcdefg"), st.sets(st.sampled_from("abcdefg"), max_size=3)), max_size=12))
def test_what_is_accepted_step_by_step_is_never_a_circle_and_everything_else_is_accepted(
    puts: list[tuple[str, set[str]]],
) -> None:
    graph, links = ChainGraph(), dict[str, list[str]]()
    for task_id, names in puts:
        successors = sorted(names - {task_id})
        with_it = {**links, task_id: successors}
        circle = any(task_id in way for name in successors for way in ways(with_it, name))
        found = chain_errors(graph, task_id, successors)
        assert bool(found) == circle
        for error in found:
            path = error.message.removeprefix("closes a circle: ").split(" → ")
            assert path[0] == path[-1] == task_id
            assert all(after in with_it[before] for before, after in pairwise(path))
        if not found:
            graph.put(task_id, successors)
            links = with_it
        assert {name: set(graph.predecessors(name)) for name in "abcdefg"} == {
            name: {before for before, after in links.items() if name in after} for name in "abcdefg"
        }


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.sets(st.sampled_from("abcdefgh"), max_size=4)))
def test_a_circle_elsewhere_harms_no_check(links: dict[str, set[str]]) -> None:
    graph = graph_of({name: sorted(after) for name, after in links.items()})
    assert chain_errors(graph, "new", ["end"]) == []
    assert chain_errors(graph, "new", sorted(links)[:20]) == []
