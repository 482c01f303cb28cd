/** The names that texts of an `http` call may hold in `{{ … }}`, and what is filled in. */
export const TEMPLATES = [
  ["nominal_at", "the time that the schedule says, in UTC; nominal_at.date, .time, .epoch … are forms of it"],
  ["effective_at", "the same with the task's spread"],
  ["run_id", "the run's id, the same in each attempt"],
  ["task_id", "the task's id"],
  ["attempt", "1, 2, …"],
  ["payload.…", "a field of the data below, or of the trigger's payload"],
  ["after.…", "run_id, task_id, nominal_at or outcome of the run that started this one"],
  ["callback_url", "where the call's end may be reported later"],
] as const;
