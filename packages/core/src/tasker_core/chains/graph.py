"""The graph of all chains, and what is wrong with a definition that would close a circle in it or grow it too far.

A definition is checked against what stands at that moment. Two that are accepted at once may close a circle all the
same: then the run that would close it is refused (links.py).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, NamedTuple, Protocol

from tasker_core.chains.links import MAX_CHAIN, chain_path
from tasker_core.errors import FieldError

MAX_STARTED: Final = 1_000
"""So many runs can follow from one, all branches together: branches that meet again start what is behind them twice."""
MAX_LINKS: Final = 50_000
"""So many links are followed for one check, some 40 ms, or for those of one transaction before its last one."""


class ChainLinks(Protocol):
    """Which task starts which."""

    def successors(self, task_id: str) -> Sequence[str]:
        """The tasks that a task starts."""
        ...

    def predecessors(self, task_id: str) -> Iterable[str]:
        """The tasks that start a task."""
        ...


class ChainGraph:
    """The links of all tasks that start others, both ways."""

    def __init__(self) -> None:
        self._successors: dict[str, tuple[str, ...]] = {}
        self._predecessors: dict[str, set[str]] = {}

    def __len__(self) -> int:
        """How many tasks start others."""
        return len(self._successors)

    def put(self, task_id: str, successors: Sequence[str]) -> None:
        """A task starts these from now on, and no others."""
        for name in self._successors.pop(task_id, ()):
            before = self._predecessors[name]
            before.discard(task_id)
            if not before:
                del self._predecessors[name]
        if successors:
            self._successors[task_id] = tuple(successors)
        for name in successors:
            self._predecessors.setdefault(name, set()).add(task_id)

    def successors(self, task_id: str) -> Sequence[str]:
        """The tasks that a task starts."""
        return self._successors.get(task_id, ())

    def predecessors(self, task_id: str) -> Collection[str]:
        """The tasks that start a task."""
        return self._predecessors.get(task_id, ())


def chain_errors(links: ChainLinks, task_id: str, successors: Sequence[str]) -> list[FieldError]:
    """What is wrong with a task that is to start these, among the others as they stand; pointers are from the task."""
    try:
        check = _Check(links, task_id, successors)
        return check.circles() or check.sizes()
    except _TooManyLinks:
        message = f"more than {MAX_LINKS:,} chains are connected with it; divide them"
        return [FieldError(pointer="/then", message=message)]


class _TooManyLinks(Exception):
    pass


class _Reach(NamedTuple):
    """Of a task: how many tasks the longest chain from it has, which comes next in it, and how many runs follow."""

    length: int
    next_task: str | None
    started: int


class _Check:
    def __init__(self, links: ChainLinks, task_id: str, successors: Sequence[str]) -> None:
        self._links, self._task_id, self._proposed = links, task_id, successors
        self._left = MAX_LINKS
        self._reached: dict[str, _Reach] = {}

    def circles(self) -> list[FieldError]:
        """An error for each successor from which a chain leads back."""
        found, seen = list[FieldError](), set[str]()
        for number, name in enumerate(self._proposed):
            if path := self._path_back(name, seen):
                message = f"closes a circle: {chain_path(self._task_id, *path)}"
                found.append(FieldError(pointer=f"/then/{number}/task", message=message))
        return found

    def sizes(self) -> list[FieldError]:
        """An error when a chain that passes here is too long, or starts too much. There is no circle through here."""
        heads = list(self._ancestors())
        for name in heads:
            self._explore(name)
        longest = max(heads, key=lambda name: self._reached[name].length)
        if (length := self._reached[longest].length) > MAX_CHAIN:
            path = chain_path(*self._longest_from(longest))
            message = f"makes a chain of {length} tasks ({path}); at most {MAX_CHAIN} can follow one another"
            return [FieldError(pointer="/then", message=message)]
        widest = max(heads, key=lambda name: self._reached[name].started)
        if (started := self._reached[widest].started) > MAX_STARTED:
            message = (
                f"lets {started:,} runs follow from one run of {widest}, all branches together; at most {MAX_STARTED:,}"
            )
            return [FieldError(pointer="/then", message=message)]
        return []

    def _successors(self, task_id: str) -> Sequence[str]:
        found = self._proposed if task_id == self._task_id else self._links.successors(task_id)
        self._count(len(found))
        return found

    def _count(self, links: int) -> None:
        self._left -= links
        if self._left < 0:
            raise _TooManyLinks

    def _path_back(self, start: str, seen: set[str]) -> list[str] | None:
        """A way from a task to this one, without what was seen before: from there is none."""
        path, branches = list[str](), [iter([start])]
        while branches:
            name = next(branches[-1], None)
            if name is None:
                branches.pop()
                del path[-1:]
            elif name == self._task_id:
                seen.difference_update(path)
                return [*path, name]
            elif name not in seen:
                seen.add(name)
                path.append(name)
                branches.append(iter(self._successors(name)))
        return None

    def _ancestors(self) -> Iterator[str]:
        """This task, and all from which a chain leads to it."""
        known, waiting = {self._task_id}, [self._task_id]
        while waiting:
            yield (name := waiting.pop())
            for before in self._links.predecessors(name):
                self._count(1)
                if before not in known:
                    known.add(before)
                    waiting.append(before)

    def _explore(self, start: str) -> None:
        """Find the reach of a task, after that of all that follow. A circle elsewhere counts once around."""
        stack, begun = [start], set[str]()
        while stack:
            name = stack[-1]
            if name in self._reached:
                stack.pop()
                continue
            successors = self._successors(name)
            if name not in begun:
                begun.add(name)
                stack += [after for after in successors if after not in self._reached and after not in begun]
                continue
            stack.pop()
            reaches = [(after, self._reached[after]) for after in successors if after in self._reached]
            next_task, furthest = max(reaches, key=lambda one: one[1].length, default=(None, _Reach(0, None, 0)))
            started = sum(1 + reach.started for _, reach in reaches)
            self._reached[name] = _Reach(furthest.length + 1, next_task, started)

    def _longest_from(self, task_id: str) -> Iterator[str]:
        name: str | None = task_id
        while name is not None:
            yield name
            name = self._reached[name].next_task
