package tasker.bench.peers;

import org.quartz.Job;
import org.quartz.JobExecutionContext;
import org.quartz.JobExecutionException;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;

/** Logs its execution; one that is recovered has the name and the time of the trigger that was lost. */
public final class QuartzJob implements Job {
  static final String EXECUTIONS = "executions";

  @Override
  public void execute(JobExecutionContext context) throws JobExecutionException {
    double startedMs = ExecutionTable.now();
    String task = context.getTrigger().getKey().getName();
    long nominalMs = context.getScheduledFireTime().getTime();
    if (context.isRecovering()) {
      task = context.getRecoveringTriggerKey().getName();
      nominalMs = Long.parseLong(context.getMergedJobDataMap()
          .getString(Scheduler.FAILED_JOB_ORIGINAL_TRIGGER_SCHEDULED_FIRETIME_IN_MILLISECONDS));
    }
    try {
      ((ExecutionTable) context.getScheduler().getContext().get(EXECUTIONS)).add(task, nominalMs, startedMs);
    } catch (SchedulerException error) {
      throw new JobExecutionException(error);
    }
  }
}
