"""Tasks that a peer only holds: the same work for each peer, whatever stores it."""

import pytest

from bench.peers.controlled_program import ControlledProgram
from bench.peers.postgres.postgres_peer import PostgresPeer
from bench.peers.program_peer import ProgramPeer
from bench.peers.task_holder import YEAR_MS
from tasker_runtime.clock import SystemClock


class _OnPostgres(PostgresPeer):
    name = "on-postgres"

    def __init__(self) -> None:
        super().__init__()
        self.stored: list[tuple[list[str], int]] = []

    async def start_scheduler(self) -> ControlledProgram:
        raise NotImplementedError

    async def once(self, names: list[str], at_ms: int) -> None:
        self.stored.append((names, at_ms))


class _ByProgram(ProgramPeer):
    def __init__(self) -> None:
        super().__init__("by-program")
        self.stored: list[tuple[list[str], int]] = []

    async def start_parts(self) -> None:
        raise NotImplementedError

    async def once(self, names: list[str], at_ms: int) -> None:
        self.stored.append((names, at_ms))


@pytest.mark.parametrize("kind", [_OnPostgres, _ByProgram])
async def test_they_are_due_in_a_year_and_none_is_held_twice(kind: type[_OnPostgres] | type[_ByProgram]) -> None:
    peer, before = kind(), SystemClock().now_ms()
    for count in (10_001, 2):
        await peer.hold(count)
    (first, at), (second, later) = peer.stored
    assert (first[0], first[-1], second) == ("held-00000000", "held-00010000", ["held-00010001", "held-00010002"])
    assert len({*first, *second}) == 10_003
    assert before + YEAR_MS <= at <= later <= SystemClock().now_ms() + YEAR_MS
