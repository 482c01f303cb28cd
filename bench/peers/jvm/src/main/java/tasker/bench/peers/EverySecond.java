package tasker.bench.peers;

import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.schedule.Schedule;
import java.io.Serializable;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The next whole second, as a cron schedule is meant to find the nearest time to come. Its own one, of {@code * * * * * *},
 * finds one second after the last execution's end, and so drifts, by what each execution takes.
 */
record EverySecond() implements Schedule, Serializable {
  @Override
  public Instant getNextExecutionTime(ExecutionComplete execution) {
    return execution.getTimeDone().truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
  }

  @Override
  public boolean isDeterministic() {
    return true;
  }
}
