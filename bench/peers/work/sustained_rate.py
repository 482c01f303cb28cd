"""The greatest number of tasks due each second that a peer keeps up with."""

import asyncio

from bench.peers.peer import Peer
from bench.peers.work.occurrence_account import Account
from bench.peers.work.window import (
    STORE_SECONDS,
    WARM_UP_SECONDS,
    account_window,
    lateness_figures,
    until_ms,
    whole_second,
)
from bench.peers.work.work import Case, Cases, Column, Size, Work, say

KEPT_MS = 5_000
LATE_SECONDS = 6


async def measure_ramp(peer: Peer, size: Size, cases: Cases) -> None:
    """Twice as many from step to step, until a step is not kept."""
    case, names = cases.setdefault("twice as many from step to step", Case()), list[str]()
    case["kept"] = 0
    for rate in size.ramp:
        say(f"{peer.name}: {rate:,} due each second, for {size.ramp_seconds} s")
        more = [f"ramp-{n:06d}" for n in range(len(names), rate)]
        names += more
        try:
            async with asyncio.timeout(STORE_SECONDS):
                await peer.every_second(more)
        except TimeoutError:
            case["broken"] = f"{rate:,}: {len(more):,} more were not stored within {STORE_SECONDS} s"
            return
        since = whole_second(WARM_UP_SECONDS)
        until = since + size.ramp_seconds * 1000
        await until_ms(since)
        account, log = await account_window(peer, names, since, until, LATE_SECONDS)
        logged = sum(since <= one.logged_ms < until for one in log) / size.ramp_seconds
        case["most_logged_per_s"] = max(logged, float(case.get("most_logged_per_s", 0)))
        if not is_kept(account):
            case["broken"] = _why(rate, account)
            return
        case |= {"kept": rate, "p99": lateness_figures(account)["p99"], "logged_per_s": logged}
    case["broken"] = "none tried"


def is_kept(account: Account) -> bool:
    """Whether all were executed, and 99 % of them within 5 s."""
    return not account.missing and lateness_figures(account).get("p99", KEPT_MS) < KEPT_MS


def _why(rate: int, account: Account) -> str:
    late = lateness_figures(account)
    shown = f"p99 {late['p99'] / 1000:.1f} s" if late else "nothing executed"
    return f"{rate:,}: {shown}, {account.missing:,} of {account.expected:,} missing"


RAMP = Work(
    "ramp",
    "the most tasks due each second of which none is missing and 99 % begin within 5 s",
    measure_ramp,
    (
        Column("kept", "kept/s", ratio=True),
        Column("p99", "p99 ms", ratio=True),
        Column("logged_per_s", "logged/s"),
        Column("most_logged_per_s", "most logged/s", ratio=True),
        Column("broken", "not kept"),
    ),
    bound_seconds=420,
)
