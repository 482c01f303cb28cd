"""Memory and CPU of the processes of a peer, by role."""

from typing import NamedTuple

import psutil

SHOWN = ("scheduler", "worker", "store")
OTHERS = "others"


class Usage(NamedTuple):
    """Of one process tree."""

    rss: int
    """Bytes."""
    cpu_seconds: float


def usage_by_role(roots: dict[str, int]) -> dict[str, Usage]:
    """Of each role's process tree; one process that has several roles counts for the first of them.

    Memory is the resident set; what forked processes share is counted for each.
    """
    found, seen = dict[str, Usage](), set[int]()
    for role, root in roots.items():
        rss, cpu = 0, 0.0
        for process in _tree(root):
            if process.pid in seen:
                continue
            seen.add(process.pid)
            try:
                times = process.cpu_times()
                rss, cpu = rss + process.memory_info().rss, cpu + times.user + times.system
            except psutil.NoSuchProcess:
                continue
        found[role] = Usage(rss, cpu)
    return found


def shown_roles(by_role: dict[str, float]) -> dict[str, float]:
    """Scheduler, worker, store, all others together, and the total."""
    shown = {role: by_role[role] for role in SHOWN if role in by_role}
    if rest := {role: value for role, value in by_role.items() if role not in SHOWN}:
        shown[OTHERS] = sum(rest.values())
    return shown | {"total": sum(by_role.values())}


def _tree(root: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(root)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
