"""The oracle's own view of chains: which definitions may be refused for them, and what each end of a run starts."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from tests.simulation.oracle.committed_log import CommittedBatch, LoggedEvent
from tests.simulation.oracle.invariants import Invariant, require
from tests.simulation.oracle.task_model import TaskModel

Body = dict[str, Any]
MAX_CHAIN = 20
Links = set[tuple[str, str]]


def links_of(task: Body) -> list[str]:
    """The tasks that a task starts."""
    return [link["task"] for link in task.get("then", ())]


def has_circle(tasks: Mapping[str, TaskModel], task: Body) -> bool:
    """Whether a definition closes a circle among the tasks of its own partition."""
    known = {name: links_of(model.body) for name, model in tasks.items()} | {task["id"]: links_of(task)}
    reached, waiting = set[str](), list(known[task["id"]])
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += known.get(name, [])
    return task["id"] in reached


def refused_links(verdict: Body) -> Links:
    """The links of the circles for which a definition was refused, as its verdict says."""
    found: Links = set()
    for error in verdict.get("errors", ()):
        if error["pointer"].startswith("/then/") and error["message"].startswith("closes a circle: "):
            path = error["message"].removeprefix("closes a circle: ").split(" → ")
            require(path[0] == path[-1], Invariant.CHAINS, f"{error} is no circle")
            found |= set(pairwise(path))
    return found


def check_refusal(links: Links, task: Body, event: LoggedEvent, ever: Links) -> None:
    """A definition is refused only for links that it has itself, or that some task has had."""
    own = {(task["id"], name) for name in links_of(task)}
    unknown = links - own - ever
    require(not unknown, Invariant.CHAINS, f"{event} was refused for {unknown}, which nobody ever said")


def start_verdict(event: LoggedEvent, model: TaskModel, started: Iterable[tuple[str, str, int]]) -> tuple[str, str]:
    """The verdict on an event that starts a task that is there."""
    chain: list[str] = (event.body or {})["chain"]
    if (event.task_id, event.id, model.generation) in started:
        return "superseded", "that end is known"
    if event.task_id in chain or len(chain) >= MAX_CHAIN:
        return "rejected", "it would come back, or too far"
    return ("rejected", "it is paused") if model.paused else ("accepted", "nothing speaks against it")


def check_links(batches: Iterable[CommittedBatch], tasks: Mapping[str, TaskModel]) -> None:
    """In the end the topic `chains` says what the tasks say."""
    written: dict[str, list[str]] = {}
    for batch in batches:
        for task_id, body in batch.links:
            written[task_id] = [] if body is None else body["successors"]
    held = {name: links_of(model.body) for name, model in tasks.items() if links_of(model.body)}
    said = {name: successors for name, successors in written.items() if successors}
    require(said == held, Invariant.CHAINS, f"chains says {said}, the tasks {held}")


def accepted_links(batches: Iterable[CommittedBatch]) -> Links:
    """All links that were ever written."""
    return {
        (task_id, name) for batch in batches for task_id, body in batch.links if body for name in body["successors"]
    }
