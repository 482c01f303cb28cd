"""PURE. Which runs may still wait for an earlier one of their task (`overlap`), and which are gone.

A queue is first in, first out, within one lane and under one definition: another definition may be carried out
elsewhere, or by another rule. So once a later run of them has started, those before it wait no more.
"""

from bisect import bisect_left

from tasker_cli.verify.judgement.run_ledger import LIVE, OLD, STARTED
from tasker_cli.verify.judgement.window import AuditedTasks
from tasker_cli.verify.lives.due_pieces import Piece


def may_wait(tasks: AuditedTasks, piece: Piece) -> bytearray:
    """By its place in the piece, 1 for an occurrence whose run may wait."""
    found, life = bytearray(len(piece)), tasks.lives[piece.task_id]
    if not life.ever_queues:
        return found
    starts, passed = [change.at for change in life.changes], 0
    for place in reversed(range(len(piece))):
        mark = tasks.ledger.marks[piece.base + place]
        number = bisect_left(starts, max(piece.effectives[place], piece.since + 1))
        definition = life.changes[number - 1].definition if number and mark & LIVE else None
        found[place] = not mark & (OLD | STARTED) and (
            # What runs late does so under a definition that may have come since.
            definition is None or (definition.queues and passed != number)
        )
        if mark & LIVE and mark & STARTED:
            passed = number
    return found


def other_may_wait(tasks: AuditedTasks, task_id: str, row: int) -> bool:
    """Whether a run may that is no occurrence."""
    return tasks.lives[task_id].ever_queues and not tasks.ledger.marks[row] & (OLD | STARTED)
