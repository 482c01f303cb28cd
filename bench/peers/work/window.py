"""A window of seconds in which tasks are due: wait for it and account for it."""

import asyncio
from collections.abc import Collection, Sequence

from bench.peers.peer import Execution, Peer
from bench.peers.work.occurrence_account import Account, account_each_second
from bench.table import percentile
from tasker_runtime.clock import SystemClock

CLOCK = SystemClock()
WARM_UP_SECONDS = 3
STORE_SECONDS = 60
"""How long storing what is due each second may take; whatever takes longer is not measured."""
LOOK_SECONDS = 2.0


def whole_second(seconds_ahead: int) -> int:
    """A whole second, in epoch milliseconds, at least so many seconds from now."""
    return (CLOCK.now_ms() // 1000 + 1 + seconds_ahead) * 1000


async def until_ms(instant_ms: int) -> None:
    """Wait for an instant."""
    await asyncio.sleep(max(0, instant_ms - CLOCK.now_ms()) / 1000)


async def account_window(
    peer: Peer, names: Collection[str], since_ms: int, until: int, late_seconds: int
) -> tuple[Account, Sequence[Execution]]:
    """What became of [since, until), and the log. What is missing may still come within so many seconds after it."""
    await until_ms(until + 1000)
    while True:
        log = await peer.executions()
        account = account_each_second(log, names, since_ms, until)
        if not account.missing or CLOCK.now_ms() > until + late_seconds * 1000:
            return account, log
        await asyncio.sleep(LOOK_SECONDS)


def lateness_figures(account: Account) -> dict[str, float]:
    """p50, p99 and the greatest lateness in milliseconds; none, where nothing was executed."""
    late = account.lateness_ms
    return {"p50": percentile(late, 0.5), "p99": percentile(late, 0.99), "max": max(late)} if late else {}
