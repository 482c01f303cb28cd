"""kill -9 of the process that decides what is due, again and again, while tasks are due each second."""

import asyncio

from bench.peers.peer import Peer
from bench.peers.work.window import WARM_UP_SECONDS, account_window, lateness_figures, until_ms, whole_second
from bench.peers.work.work import Case, Cases, Column, Size, Work, say

RATE = 100
BETWEEN_SECONDS, AFTER_SECONDS = 8, 12
LATE_SECONDS = 75
"""Where work of a dead process is only taken up again after a time-out, such as 30 s, it shall count as late."""
KILL_SECONDS = 60


async def measure_kills(peer: Peer, size: Size, cases: Cases) -> None:
    """100 are due each second; the scheduler is killed every 8 s, not at a whole second."""
    names = [f"kill-{n:04d}" for n in range(RATE)]
    await peer.every_second(names)
    since = whole_second(WARM_UP_SECONDS)
    await until_ms(since)
    for kill in range(size.kills):
        await asyncio.sleep(BETWEEN_SECONDS + kill / max(1, size.kills))
        say(f"{peer.name}: kill -9 of the scheduler, {kill + 1} of {size.kills}")
        async with asyncio.timeout(KILL_SECONDS):
            await peer.kill_scheduler()
    until = whole_second(AFTER_SECONDS)
    account, _ = await account_window(peer, names, since, until, LATE_SECONDS)
    late = lateness_figures(account)
    case = Case(kills=size.kills, expected=account.expected, lost=account.missing, doubled=account.doubled)
    cases[f"{RATE} due each second"] = case | {name: value / 1000 for name, value in late.items()}


KILLS = Work(
    "kill",
    "kill -9 of the scheduler, started again at once",
    measure_kills,
    (
        Column("kills", "kills"),
        Column("expected", "due"),
        Column("lost", "lost"),
        Column("doubled", "doubled"),
        Column("p99", "p99 s", 2),
        Column("max", "worst s", 2, ratio=True),
    ),
    bound_seconds=600,
)
