"""The planted bugs by name, each a small patch of the real code, and the invariants that it may violate."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.simulation.mutations import (
    alerts,
    background,
    bursts,
    calendars,
    callback_waits,
    chains,
    failure_streaks,
    run_events,
    schedule_kinds,
    task_events,
    transactions,
)
from tests.simulation.oracle.invariants import Invariant

LOST, TWICE, EARLY = Invariant.NEVER_LOST, Invariant.NEVER_TWICE, Invariant.NEVER_EARLY
RETROACTIVE, EFFECT = Invariant.NOT_RETROACTIVE, Invariant.EFFECT_AT_APPEND
WHOLE, GROWS = Invariant.WHOLE_BATCHES, Invariant.WATERMARK_GROWS
VERDICTS, NEXT = Invariant.ONE_VERDICT, Invariant.NEXT_TIME
MISFIRE, LIVE_FIRST = Invariant.MISFIRE_POLICY, Invariant.LIVE_FIRST
RETRIES, BACKFILLS = Invariant.RETRIES_AND_CANCELS, Invariant.BACKFILL_ONCE
STREAK, FINISHED = Invariant.FAILURE_STREAK, Invariant.FINISHED
CALENDARS, UNFORESEEN = Invariant.CALENDARS, Invariant.NO_UNFORESEEN_ERROR
CHAINS, CALLBACKS, ALERTS = Invariant.CHAINS, Invariant.CALLBACKS, Invariant.ALERTS


@dataclass(frozen=True)
class Mutation:
    """One planted bug, and the invariants that it may be found to violate."""

    patch: Callable[[], Any]
    violates: tuple[Invariant, ...]


MUTATIONS: dict[str, Mutation] = {
    "commit without awaiting sends": Mutation(transactions.sends_not_awaited, (WHOLE, LOST, VERDICTS, TWICE, FINISHED)),
    "producer used again after an uncertain transaction": Mutation(transactions.producer_used_again, (WHOLE, TWICE)),
    "reading before fencing": Mutation(transactions.read_before_fencing, (WHOLE, EFFECT)),
    "retroactive edit": Mutation(task_events.retroactive_edit, (EFFECT, RETROACTIVE, TWICE, NEXT)),
    "lost edit between nominal and effective time": Mutation(
        task_events.edit_lost_in_its_spread, (LOST, NEXT, CALENDARS)
    ),
    "off by one at a burst cut": Mutation(bursts.off_by_one_at_the_cut, (TWICE,)),
    "burst position ignored at restore": Mutation(bursts.position_ignored, (TWICE, GROWS)),
    "burst taken as finished at restore": Mutation(bursts.taken_as_finished, (LOST, FINISHED)),
    "burst position lost where the rest becomes a gap": Mutation(bursts.position_lost_in_a_gap, (TWICE,)),
    "event applied in the middle of a burst": Mutation(
        bursts.event_in_between, (EFFECT, RETROACTIVE, GROWS, NEXT, CALENDARS)
    ),
    "pause during an outage ignored": Mutation(task_events.due_first_after_an_outage, (EFFECT,)),
    "clock not compared with the broker's": Mutation(transactions.clock_not_compared, (EARLY, EFFECT)),
    "prepared batch committed before its second": Mutation(transactions.commit_before_the_second, (EARLY,)),
    "stalls not noticed": Mutation(transactions.stalls_not_noticed, (EFFECT,)),
    "repeated events not recognised": Mutation(task_events.repeats_not_recognised, (VERDICTS, TWICE)),
    "what names no task not answered": Mutation(task_events.nameless_not_answered, (VERDICTS,)),
    "older forwarded event wins": Mutation(task_events.older_forwarded_event_wins, (VERDICTS,)),
    "resume replays the pause": Mutation(task_events.resume_replays_the_pause, (RETROACTIVE, TWICE, NEXT, CALENDARS)),
    "catch-up cursor not in the transaction": Mutation(background.cursor_not_written, (TWICE, MISFIRE)),
    "background budget not kept": Mutation(background.budget_not_kept, (LIVE_FIRST,)),
    "max_runs not counted across a restart": Mutation(background.runs_not_counted, (RETROACTIVE, VERDICTS)),
    "end of a task not remembered": Mutation(background.end_not_remembered, (FINISHED,)),
    "finished task removed while something is pending": Mutation(background.removed_while_pending, (FINISHED,)),
    "pending retry not remembered": Mutation(background.retry_not_remembered, (RETRIES, VERDICTS, FINISHED, CALLBACKS)),
    "backfill cursor not written": Mutation(background.backfill_not_advanced, (TWICE, BACKFILLS)),
    "cancel in one lane only": Mutation(background.cancel_in_one_lane, (RETRIES,)),
    "cancel only while its task is there": Mutation(run_events.cancel_only_with_its_task, (RETRIES,)),
    "cancel of all runs forgotten": Mutation(run_events.cancel_of_all_forgotten, (VERDICTS,)),
    "cancel of all runs not remembered": Mutation(run_events.cancel_of_all_not_remembered, (VERDICTS,)),
    "what comes after a cancel of all runs cancelled": Mutation(run_events.later_ones_cancelled, (VERDICTS,)),
    "what an event has requested not remembered": Mutation(run_events.request_not_remembered, (VERDICTS, TWICE)),
    "delete forgotten": Mutation(run_events.delete_forgotten, (VERDICTS,)),
    "delete not remembered": Mutation(run_events.delete_not_remembered, (VERDICTS,)),
    "malformed retry not reported": Mutation(run_events.malformed_not_reported, (RETRIES,)),
    "trigger's payload ignored": Mutation(run_events.trigger_with_the_own_payload, (RETROACTIVE,)),
    "every report of an attempt counts": Mutation(callback_waits.every_report_counts, (VERDICTS, CALLBACKS, TWICE)),
    "early report forgotten": Mutation(callback_waits.early_report_forgotten, (CALLBACKS, VERDICTS)),
    "wait for a callback not remembered": Mutation(callback_waits.wait_not_remembered, (VERDICTS, CALLBACKS, RETRIES)),
    "end of a wait not remembered": Mutation(callback_waits.end_not_remembered, (VERDICTS, TWICE)),
    "failures not set to 0 by a success": Mutation(failure_streaks.success_ignored, (STREAK,)),
    "failure counted twice": Mutation(failure_streaks.counted_twice, (STREAK,)),
    "failures counted in the order in which runs end": Mutation(failure_streaks.order_of_outcomes, (STREAK,)),
    "success forgotten while older runs are unfinished": Mutation(failure_streaks.success_not_written, (STREAK,)),
    "failures not remembered across a restart": Mutation(failure_streaks.not_remembered, (STREAK,)),
    "failures kept through a resume": Mutation(failure_streaks.kept_through_a_resume, (STREAK,)),
    "end that started a task not remembered": Mutation(chains.start_not_remembered, (VERDICTS, TWICE)),
    "circle of runs not refused": Mutation(chains.circle_not_refused_at_run_time, (VERDICTS,)),
    "circle of definitions not refused": Mutation(chains.circle_not_refused_when_saved, (VERDICTS,)),
    "paused task started by the end of a run": Mutation(chains.paused_task_started, (VERDICTS,)),
    "end of a run outdated by an edit of what follows": Mutation(chains.start_outdated_by_an_edit, (VERDICTS,)),
    "links of deleted tasks stay": Mutation(chains.links_of_deleted_tasks_stay, (CHAINS,)),
    "links of a partition's own tasks not restored": Mutation(chains.links_forgotten_at_restore, (VERDICTS, CHAINS)),
    "one time of several members fires for each": Mutation(schedule_kinds.fires_for_each_member, (TWICE,)),
    "last member forgotten": Mutation(schedule_kinds.last_member_forgotten, (LOST, NEXT, VERDICTS, FINISHED)),
    "calendar interval drifts from its anchor's day": Mutation(schedule_kinds.drifts_from_its_anchor, (NEXT,)),
    "interval counted anew by an edit": Mutation(schedule_kinds.counted_anew_by_an_edit, (VERDICTS,)),
    "fixed time lost in a gap": Mutation(schedule_kinds.lost_in_a_gap, (LOST, NEXT, VERDICTS)),
    "calendar interval twice in a fold": Mutation(schedule_kinds.twice_in_a_fold, (RETROACTIVE, NEXT)),
    "every failure told": Mutation(alerts.every_failure_told, (ALERTS,)),
    "failure told again when it is reported again": Mutation(alerts.repeated_failure_told, (ALERTS,)),
    "recovered by a success of an older run": Mutation(alerts.recovered_by_any_success, (ALERTS,)),
    "alerts not remembered across a restart": Mutation(alerts.states_not_remembered, (ALERTS,)),
    "what is to be told not remembered": Mutation(alerts.groups_not_remembered, (ALERTS,)),
    "what was told, told again after a restart": Mutation(alerts.sent_again_after_a_restart, (ALERTS,)),
    "late before its time": Mutation(alerts.late_before_its_time, (ALERTS,)),
    "lateness told only at the end of a run": Mutation(alerts.hanging_runs_not_told, (ALERTS,)),
    "hanging run told again": Mutation(alerts.late_run_told_again, (ALERTS,)),
    "handover told but not done": Mutation(calendars.told_but_not_done, (CALENDARS, RETROACTIVE, LOST, NEXT)),
    "handover done without being told": Mutation(
        calendars.done_without_being_told, (RETROACTIVE, LOST, NEXT, CALENDARS)
    ),
    "those left to hand over forgotten at a restart": Mutation(calendars.rest_forgotten_at_a_restart, (CALENDARS,)),
    "days of a calendar not kept for its tasks": Mutation(calendars.days_not_kept, (UNFORESEEN, CALENDARS)),
    "days of a calendar dropped with its first task": Mutation(
        calendars.days_dropped_too_soon, (UNFORESEEN, CALENDARS)
    ),
    "days of a calendar kept for ever": Mutation(calendars.days_kept_for_ever, (CALENDARS,)),
    "tasks lose the days of a deleted calendar": Mutation(
        calendars.deleted_calendar_without_days, (CALENDARS, VERDICTS)
    ),
    "deleted calendar used by other tasks": Mutation(calendars.deleted_calendar_used, (VERDICTS,)),
    "older version of a calendar after a newer one": Mutation(calendars.older_version_after_newer, (CALENDARS,)),
    "calendar read after the task that needs it": Mutation(calendars.answered_before_it_is_read, (CALENDARS,)),
    "version of a calendar held before its second": Mutation(calendars.held_before_its_second, (CALENDARS, VERDICTS)),
    "change of a calendar in an outage out of its place": Mutation(calendars.change_to_come_forgotten, (CALENDARS,)),
    "time moves on before all are handed over": Mutation(calendars.rest_handed_over_last, (CALENDARS,)),
    "handed over in the middle of a burst": Mutation(calendars.handed_over_in_a_burst, (CALENDARS, TWICE, RETROACTIVE)),
    "repeated change of a calendar not recognised": Mutation(calendars.repeated_change_not_recognised, (VERDICTS,)),
    "older forwarded change of a calendar wins": Mutation(calendars.older_forwarded_change_wins, (VERDICTS,)),
    "edited task under days to come": Mutation(calendars.edit_takes_days_to_come, (VERDICTS,)),
    "task finished by a calendar": Mutation(calendars.finished_by_a_calendar, (FINISHED,)),
    "task under a calendar never finished": Mutation(calendars.never_finished_under_a_calendar, (FINISHED,)),
    "manual task finished": Mutation(schedule_kinds.manual_finished, (FINISHED,)),
}
