"""However many runs fail at once, few of their records are on their way, and none waits within its time-out."""

import asyncio
from collections.abc import Sequence

import pytest

from tasker_core.kafka_record import RecordPosition
from tasker_executor.reporting.bounded_sender import BoundedSender
from tasker_runtime.kafka.client import KafkaTimeout


class SlowSender:
    """Answers in rounds: whatever is on its way when `acknowledge` is called. The first record of `broken` fails."""

    def __init__(self) -> None:
        self.sent, self.most = list[bytes | None](), 0
        self.broken = {b"0"}
        self._on_their_way = list[asyncio.Future[None]]()

    async def send(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: bytes | None = None,
        partition: int | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
        seconds: float = 10.0,
    ) -> RecordPosition:
        answer = asyncio.get_running_loop().create_future()
        self._on_their_way.append(answer)
        self.most = max(self.most, len(self._on_their_way))
        await answer
        if value in self.broken:
            raise KafkaTimeout("no answer")
        self.sent.append(value)
        return RecordPosition(0, len(self.sent))

    def acknowledge(self) -> None:
        answered, self._on_their_way = self._on_their_way, []
        for answer in answered:
            answer.set_result(None)


async def test_the_others_wait_for_their_turn_in_order_also_after_a_failure() -> None:
    slow = SlowSender()
    sender = BoundedSender(slow, limit=3)
    sends = [asyncio.create_task(sender.send("t", b"%d" % number)) for number in range(10)]
    async with asyncio.timeout(10):
        while not all(send.done() for send in sends):
            await asyncio.sleep(0)
            slow.acknowledge()
    assert (slow.most, slow.sent) == (3, [b"%d" % number for number in range(1, 10)])
    with pytest.raises(KafkaTimeout):
        await sends[0]
