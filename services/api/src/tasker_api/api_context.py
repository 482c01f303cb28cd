"""What a request may use, held by the app."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tasker_api.access.key_ring import KeyRing
from tasker_api.callback_tokens import CallbackTokens
from tasker_api.change_sets.change_set_runner import ChangeSetRunner
from tasker_api.changes.change_watcher import ChangeWatcher
from tasker_api.conversion.schedules import schedule_of_task
from tasker_api.dead_letters.dead_letter_reader import DeadLetterReader
from tasker_api.file_uploads import FileUploads
from tasker_api.problems import Problem, run_not_found, task_not_found
from tasker_api.publishing.publisher import CommandPublisher
from tasker_api.queries.calendars import CalendarQueries
from tasker_api.queries.change_sets import ChangeSetQueries
from tasker_api.queries.handlers import HandlerQueries
from tasker_api.queries.journal import JournalQueries
from tasker_api.queries.occurrences import OccurrenceQueries
from tasker_api.queries.revisions import RevisionQueries
from tasker_api.queries.run_lists.run_queries import RunQueries
from tasker_api.queries.statistics import StatisticsQueries
from tasker_api.queries.tasks import TaskQueries
from tasker_api.queries.timings import TimingQueries
from tasker_api.system.system_monitor import SystemMonitor
from tasker_core.calendars.calendar_days import CalendarDays
from tasker_core.documents.runs import RunDocument
from tasker_core.documents.tasks import TaskDocument
from tasker_core.schedules.schedule import Schedule
from tasker_runtime.clock import Clock


@dataclass(frozen=True, slots=True)
class ApiContext:
    """The writing side, the reading side, the dead letters, the clock, the tokens of callbacks, what changes, and the
    state of the system; what is carried out on many tasks; the ids of Tasker's own `canaries`, and those that it may
    have had before (`own_tasks`); the `keys`, None where everybody may do everything; the files that are received."""

    publisher: CommandPublisher
    tasks: TaskQueries
    timings: TimingQueries
    runs: RunQueries
    occurrences: OccurrenceQueries
    statistics: StatisticsQueries
    journal: JournalQueries
    revisions: RevisionQueries
    handlers: HandlerQueries
    calendars: CalendarQueries
    change_sets: ChangeSetQueries
    change_set_runner: ChangeSetRunner
    dead_letters: DeadLetterReader
    clock: Clock
    callbacks: CallbackTokens
    changes: ChangeWatcher
    system: SystemMonitor
    canaries: Sequence[str] = ()
    keys: KeyRing | None = None
    own_tasks: Sequence[str] = ()
    uploads: FileUploads = field(default_factory=FileUploads)

    async def existing_task(self, task_id: str) -> TaskDocument:
        """A task that is not deleted. Raises Problem (404)."""
        found = await self.tasks.find(task_id)
        if found is None:
            raise task_not_found(task_id)
        return found

    async def schedule_of(self, task: TaskDocument) -> Schedule:
        """The schedule of a task with the values of each `H`, and the days of the calendars that it is under.

        Raises Problem (409) when these are known no more, which a rebuild of the documents mends.
        """
        schedule = schedule_of_task(task["schedule_json"], task["_id"])
        return schedule.with_calendars(await self.days_under(task, schedule.calendar_names))

    async def days_under(self, task: TaskDocument, names: Sequence[str]) -> dict[str, CalendarDays]:
        """The days of calendars in the versions that a task is under. Raises Problem (409), as `schedule_of` does."""
        if not names:
            return {}
        days = await self.calendars.days_of_versions(task.get("calendars", []))
        if missing := [name for name in names if name not in days]:
            raise Problem(409, f"the days of the calendar {missing[0]!r} are not known here: rebuild the log")
        return days

    async def existing_run(self, run_id: str) -> RunDocument:
        """A run in the log. Raises Problem (404)."""
        found = await self.runs.find(run_id)
        if found is None:
            raise run_not_found(run_id)
        return found
