"""How late tasks are that are due each second, while there is little to do."""

import asyncio
import contextlib

from bench.peers.peer import Peer
from bench.peers.work.window import (
    STORE_SECONDS,
    WARM_UP_SECONDS,
    account_window,
    lateness_figures,
    until_ms,
    whole_second,
)
from bench.peers.work.work import NOTE, Case, Cases, Column, Size, Work, say

LATE_SECONDS = 10
WARM_UP_TASKS = 100


async def measure_idle(peer: Peer, size: Size, cases: Cases) -> None:
    """Some rates, one after the other, when the peer is warm."""
    say(f"{peer.name}: warming up for {size.warm_up_seconds} s")
    with contextlib.suppress(TimeoutError):  # then the first rate is not stored either, which says it
        async with asyncio.timeout(STORE_SECONDS):
            await peer.every_second([f"warm-{n:03d}" for n in range(WARM_UP_TASKS)])
    await until_ms(whole_second(size.warm_up_seconds))
    for rate in size.idle_rates:
        names = [f"idle{rate}-{n:05d}" for n in range(rate)]
        say(f"{peer.name}: {rate} due each second, for {size.idle_seconds} s")
        case = cases.setdefault(f"{rate:,} due each second", Case())
        try:
            async with asyncio.timeout(STORE_SECONDS):
                await peer.clear()
                await peer.every_second(names)
        except TimeoutError:
            case[NOTE] = f"they were not stored within {STORE_SECONDS} s"
            return
        since = whole_second(WARM_UP_SECONDS)
        await until_ms(since)
        account, _ = await account_window(peer, names, since, since + size.idle_seconds * 1000, LATE_SECONDS)
        case |= {"expected": account.expected, "missing": account.missing, "doubled": account.doubled}
        case |= lateness_figures(account)


IDLE = Work(
    "idle",
    "lateness while there is little to do: from the nominal time to the call of the function",
    measure_idle,
    (
        Column("p50", "p50 ms", 1, ratio=True),
        Column("p99", "p99 ms", 1, ratio=True),
        Column("max", "max ms", 0, ratio=True),
        Column("expected", "due"),
        Column("missing", "missing"),
        Column("doubled", "doubled"),
    ),
    bound_seconds=450,
)
