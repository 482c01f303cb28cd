"""What thousands of tasks cost that wait for one host at once."""

from tasker_core.kafka_record import Record
from tasker_executor.http.target_host import called_host
from tasker_executor.partition.job import Job
from tasker_executor.partition.offsets import OffsetTracker
from tasker_executor.partition.partition import LanePartition
from tasker_executor.scheduling.host_limits import HostLimits, LaneHost
from tasker_executor.scheduling.slots import Slots
from tasker_executor.testing.target_server import run_of


class CountingLimits(HostLimits[Job]):
    """Counts how often it asks whether a run may call."""

    asked = 0

    def _may_call(self, host: LaneHost, task_id: str) -> bool:
        self.asked += 1
        return super()._may_call(host, task_id)


def test_however_many_tasks_wait_for_a_host_each_end_looks_at_few_of_them() -> None:
    started, count = list[Job](), 2_000
    partition = LanePartition("live", OffsetTracker(None))
    limits = CountingLimits(Slots(6, started.append), called_host, per_host=2)
    limits.resume()
    for number in range(count):
        run = run_of("http://slow.example.com/", task_id=f"t{number}")
        limits.add(Job(partition, Record("", 0, number, 0, None, b"", ()), run, 0, 1))
    ended = 0
    while started:
        limits.release(started.pop(0))
        ended += 1
    assert ended == count
    assert limits.asked <= 3 * count
