"""PURE. What became of the occurrences that a peer owed: those that are missing, those that came twice, how late."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from bench.peers.peer import Execution

SECOND_MS = 1000


class Account(NamedTuple):
    """What was owed and what came."""

    expected: int
    missing: int
    doubled: int
    """Executions beyond the first of an occurrence."""
    lateness_ms: list[float]
    """From the nominal time to the call of the function, of every execution."""

    @property
    def executed(self) -> int:
        """Occurrences that were executed at least once."""
        return self.expected - self.missing


def account_each_second(
    executions: Iterable[Execution], names: Collection[str], since_ms: int, until_ms: int
) -> Account:
    """Of tasks that are due each second: the occurrences whose nominal time is in [since, until), whole seconds long.

    A task may be due at any moment of its seconds, but each second at the same.
    """
    owed, seen, total, late = set(names), set[tuple[str, int]](), 0, list[float]()
    for one in executions:
        if one.task in owed and since_ms <= one.nominal_ms < until_ms:
            seen.add((one.task, (one.nominal_ms - since_ms) // SECOND_MS))
            total += 1
            late.append(one.started_ms - one.nominal_ms)
    expected = len(owed) * ((until_ms - since_ms) // SECOND_MS)
    return Account(expected, expected - len(seen), total - len(seen), late)


def account_once(executions: Iterable[Execution], names: Collection[str]) -> Account:
    """Of tasks that are due once."""
    owed, seen, total, late = set(names), set[str](), 0, list[float]()
    for one in executions:
        if one.task in owed:
            seen.add(one.task)
            total += 1
            late.append(one.started_ms - one.nominal_ms)
    return Account(len(owed), len(owed) - len(seen), total - len(seen), late)
