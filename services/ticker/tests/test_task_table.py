"""A task that is decoded when it is needed is as if it had been decoded at the start."""

from itertools import product
from typing import Any

import msgspec
import pytest

from tasker_core.kafka_record import Record
from tasker_core.messages.base import encode
from tasker_core.schedules.schedule import NEVER, from_json
from tasker_core.ticker_state import TaskState
from tasker_ticker.scheduling.memory import task_table
from tasker_ticker.scheduling.memory.held_task import HeldTask, restore_task
from tasker_ticker.scheduling.memory.shared_schedule import SchedulePool
from tasker_ticker.scheduling.memory.watermark import CatchUpGap, WatermarkPosition
from tasker_ticker.scheduling.scheduling_limits import SchedulingLimits
from tasker_ticker.scheduling.state import PartitionState
from tasker_ticker.scheduling.stored_state import StoredState
from tasker_ticker.state_copies.copied_records import CopiedRecords

NOW = 1_800_000_000
SCHEDULES: list[dict[str, Any]] = [
    {"at": "2027-01-15T08:00:01Z"},
    {"at": "2027-01-15T08:00:00Z"},
    {"at": "2027-01-15T07:59:50Z"},
    {"at": "2027-01-15T10:00:01+02:00"},
    {"at": "2027-01-15T08:00:00.250Z"},
    {"at": "2027-01-15T07:59+00:00"},
    {"at": "2027-01-15T09:00:01", "timezone": "Europe/Berlin"},
    {"at": "2027-01-15T07:59:00Z", "spread": "PT2M"},
    {"cron": "*/5 * * * *"},
    {"cron": "0 0 29 2 *"},
    {"cron": "H H * * *"},
    {"cron": "0 3 * * *", "timezone": "America/New_York", "end": "2027-01-15T08:00:00Z"},
    {"cron": "* * * * * *", "max_runs": 3},
    {"cron": "0 * * * *", "spread": "PT30M"},
    {"every": "PT7S", "anchor": "2027-01-01T00:00:00Z"},
    {"any": [{"cron": "0 0 * * *"}, {"cron": "30 1 * * *"}]},
    {"manual": True},
]
STATES: list[dict[str, Any]] = [
    {},
    {"since": NOW + 600},
    {"after_nominal": NOW + 3},
    {"finished_at": NOW - 60},
    {"runs_done": 3},
    {"row": {"since": 3, "failed": [[NOW - 60, "a"]]}},
]
TASKS: list[dict[str, Any]] = [{}, {"paused": True}, {"then": [{"task": "next", "on": "any"}]}]
POSITIONS = [
    WatermarkPosition(NOW),
    WatermarkPosition(NOW, burst_after="t020"),
    WatermarkPosition(NOW, gaps=[CatchUpGap(NOW - 3600, NOW - 5, "t010")]),
]


def record_of(
    task_id: str, schedule: dict[str, Any], state: dict[str, Any] | None = None, task: dict[str, Any] | None = None
) -> bytes:
    """A task as it is stored."""
    canonical = from_json(msgspec.json.encode(schedule)).model_dump(mode="json", exclude_none=True)
    given = {"id": task_id, "name": "a task", "schedule": canonical} | (task or {})
    plain = {"type": "task", "generation": 3, "version": 4, "since": NOW - 86_400, "task": given} | (state or {})
    return encode(msgspec.json.decode(msgspec.json.encode(plain), type=TaskState))


def stored(every: bool) -> StoredState:
    """All of these tasks, as they were stored; whether each is decoded before anything else."""
    found = StoredState()
    for number, (schedule, state, task) in enumerate(product(SCHEDULES, STATES, TASKS)):
        task_id = f"t{number:03d}"
        found.apply(f"task/{task_id}".encode(), record_of(task_id, schedule, state, task))
    if every:
        assert all(isinstance(one, HeldTask) for one in found.tasks.values())
    return found


def scheduled(position: WatermarkPosition, *, every: bool) -> PartitionState:
    """A partition that begins with them."""
    state = PartitionState(position, stored(every), SchedulingLimits())
    for _ in state.schedule_restored():
        pass
    return state


def agendas(state: PartitionState) -> list[dict[int, list[str]]]:
    """What is due and what is to be removed, by second."""
    found = list[dict[int, list[str]]]()
    for agenda in (state.agenda, state.removals):
        names = dict[int, list[str]]()
        while (second := agenda.first()) < NEVER:
            names[second] = agenda.at(second)
            agenda.keep_only(second)
        found.append(names)
    return found


def fields(task: HeldTask) -> dict[str, object]:
    """All that is held of a task."""
    kept: dict[str, object] = {
        name: getattr(task, name) for name in HeldTask.__slots__ if name not in ("shared_schedule", "failures")
    }
    return kept | {"record": task.to_state(), "chain": task.task.then}


@pytest.mark.parametrize("position", POSITIONS)
def test_it_is_as_if_all_had_been_decoded_at_the_start(position: WatermarkPosition) -> None:
    late, early = scheduled(position, every=False), scheduled(position, every=True)
    assert agendas(late) == agendas(early)
    assert {name: fields(late.tasks[name]) for name in late.tasks} == {
        name: fields(early.tasks[name]) for name in early.tasks
    }
    for name in late.tasks:
        assert late.chains.successors(name) == early.chains.successors(name)


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("known_at", [NOW - 86_400, NOW - 1, NOW, NOW + 1, NOW + 40])
def test_a_time_that_was_known_earlier_is_the_one_that_is_computed(position: WatermarkPosition, known_at: int) -> None:
    found, copied, known = StoredState(), CopiedRecords(known_at), 0
    for number, (name, task) in enumerate(stored(every=False).tasks.items()):
        record = Record("ticker-state", 0, number, 0, f"task/{name}".encode(), task.to_state(), ())
        copy = copied.of(record)
        assert copy is not None
        if copy.decided is None or copy.due is None:
            found.apply(record.key or b"", copy.value)
        else:
            found.apply_scheduled([(record.key or b"", copy.value, copy.decided, copy.due)])
            known += 1
    state = PartitionState(position, found, SchedulingLimits())
    for _ in state.schedule_restored():
        pass
    early = scheduled(position, every=True)
    assert agendas(state) == agendas(early)
    assert {name: fields(state.tasks[name]) for name in state.tasks} == {
        name: fields(early.tasks[name]) for name in early.tasks
    }
    for name in state.tasks:
        assert state.chains.successors(name) == early.chains.successors(name)
    assert known >= 12


def test_a_task_whose_time_is_known_can_be_asked_for_before_it_is_scheduled() -> None:
    found = StoredState()
    record = record_of("a", {"at": "2027-01-15T08:00:01Z"})
    found.apply_scheduled([(b"task/a", record, NOW - 5, NOW + 1)])
    assert found.tasks["a"].to_state() == record


def test_what_was_known_of_a_task_that_changed_is_not_used() -> None:
    found = StoredState()
    found.apply_scheduled([(b"task/a", record_of("a", {"at": "2027-01-15T08:00:01Z"}), NOW - 5, NOW + 1)])
    found.apply(b"task/a", record_of("a", {"at": "2027-01-15T09:00:00Z"}))
    state = PartitionState(WatermarkPosition(NOW), found, SchedulingLimits())
    for _ in state.schedule_restored():
        pass
    assert agendas(state)[0] == {NOW + 3_600: ["a"]}


@pytest.mark.parametrize("schedule", [one for one in SCHEDULES if not {"max_runs", "manual"} & one.keys()], ids=str)
def test_a_usual_task_is_not_decoded_before_it_is_needed(
    schedule: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = list[str]()

    def noting(state: TaskState, schedules: SchedulePool) -> HeldTask:
        decoded.append(state.task.id)
        return restore_task(state, schedules)

    monkeypatch.setattr(task_table, "restore_task", noting)
    found = StoredState()
    for task_id in "ab":
        found.apply(f"task/{task_id}".encode(), record_of(task_id, schedule))
    state = PartitionState(POSITIONS[0], found, SchedulingLimits())
    for _ in state.schedule_restored():
        pass
    assert (len(state.tasks), decoded) == (2, [])


def test_what_is_stored_can_be_taken_out_again() -> None:
    found = stored(every=False)
    count = len(found.tasks)
    found.apply(b"task/t001", None)
    assert ("t001" in found.tasks, found.tasks.get("t001"), len(found.tasks)) == (False, None, count - 1)
    with pytest.raises(KeyError):
        found.tasks["t001"]
    assert found.tasks.pop("t002").id == "t002"
    assert len(found.tasks) == count - 2
