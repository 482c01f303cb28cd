"""No commits while a member joins its group, which aiokafka 0.14 takes for a loss of the membership.

A broker answers the requests of a connection one after the other, and a JoinGroup only when all members have joined or
are given up: after the session of one that has died. A commit that is sent meanwhile waits behind it, and is refused
then, as it names the generation before. aiokafka forgets the new membership upon that, whatever it was about; the group
waits for a member that nobody is, and the next commits are sent into that. It may go on like this for minutes.
"""

from typing import Any

from aiokafka.errors import RebalanceInProgressError


class _GuardedCommit:
    """In the place of the coordinator's own method: every commit goes through it, at the moment it is sent."""

    def __init__(self, coordinator: Any) -> None:
        self._coordinator, self._commit = coordinator, coordinator._do_commit_offsets

    async def __call__(self, assignment: Any, offsets: Any) -> None:
        # Set from before JoinGroup is sent until the assignment is there. Callbacks of a revocation still commit.
        if self._coordinator._performed_join_prepare:
            raise RebalanceInProgressError(self._coordinator.group_id)
        await self._commit(assignment, offsets)


def guard_commits(consumer: Any) -> None:
    """Make a consumer of aiokafka refuse commits while it joins, with CommitFailedError. Harmless when it does already.

    One that is not started yet stays as it is.
    """
    coordinator = consumer._coordinator
    if coordinator is not None and not isinstance(coordinator._do_commit_offsets, _GuardedCommit):
        coordinator._do_commit_offsets = _GuardedCommit(coordinator)
