"""What is asked about groups."""

from typing import Any, NamedTuple

import pytest

from tasker_devstack.polling import eventually
from tasker_runtime.kafka.admin_client import admin_client, group_members
from tasker_runtime.kafka.client import KafkaError
from tasker_runtime.kafka.connection import KafkaConnection


class Answer(NamedTuple):
    """A coordinator's answer: per group error code, id, state, protocol type, protocol, members, operations."""

    groups: list[tuple[int, str, str, str, str, list[Any], int]]


class Coordinator:
    """An admin client whose coordinator answers so."""

    def __init__(self, error_code: int, members: int) -> None:
        self._answer = Answer([(error_code, "g", "Stable", "consumer", "range", [object()] * members, -1)])

    async def describe_consumer_groups(self, _: list[str]) -> list[Answer]:
        return [self._answer]


@pytest.mark.parametrize(("error_code", "members"), [(0, 2), (0, 0), (69, 0)])
async def test_members_are_counted(error_code: int, members: int) -> None:
    assert await group_members(Coordinator(error_code, members), "g") == members


@pytest.mark.parametrize("error_code", [14, 15, 16, 30])
async def test_an_error_is_not_taken_for_a_group_without_members(error_code: int) -> None:
    """Loading, not available, not the coordinator any more, not allowed."""
    with pytest.raises(KafkaError, match="the members of group g"):
        await group_members(Coordinator(error_code, 0), "g")


async def test_a_group_that_is_not_there_has_no_members(kafka: str) -> None:
    async with admin_client(KafkaConnection(kafka)) as admin:

        async def members() -> list[int] | None:
            try:
                return [await group_members(admin, "never-there")]
            except KafkaError:
                return None  # a new broker has to make a topic first

        assert await eventually(members, "an answer", 30) == [0]
