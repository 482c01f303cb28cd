package tasker.bench.peers;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.task.SchedulableInstance;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.PlainScheduleAndData;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTaskWithPersistentSchedule;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * db-scheduler as its README sets it up for high throughput: lock-and-fetch with 1.0 and 4.0. Each task of a user is an
 * instance: of a one-time task, or of a dynamic recurring one, whose schedule is stored with it.
 *
 * <p>Environment: PEER_POSTGRES (host:port), PEER_ACKNOWLEDGED (a file), CONTROL_PORT (for commands).
 */
public final class DbSchedulerProgram implements ControlledScheduler {
  private static final TaskDescriptor<PlainScheduleAndData> RECURRING =
      TaskDescriptor.of("recurring", PlainScheduleAndData.class);
  private static final TaskDescriptor<Long> ONCE = TaskDescriptor.of("once", Long.class);

  /** Its precision is that of the polling. */
  private static final Duration POLLING = Duration.ofMillis(100);

  /**
   * What a killed process had begun is begun again after four missed heartbeats (the fewest it takes): by default after
   * half an hour, which would be the only thing to see after a kill.
   */
  private static final Duration HEARTBEAT = Duration.ofSeconds(2);

  private static final int MISSED_HEARTBEATS = 4;

  private final HikariDataSource database;
  private final Scheduler scheduler;

  private DbSchedulerProgram(HikariDataSource database, ExecutionTable executions) {
    this.database = database;
    RecurringTaskWithPersistentSchedule<PlainScheduleAndData> recurring =
        Tasks.recurringWithPersistentSchedule(RECURRING)
            .execute((task, context) -> executions.add(
                task.getId(), context.getExecution().executionTime.toEpochMilli(), ExecutionTable.now()));
    // What is revived is due at another time than it was: the time that was asked for is kept as data.
    OneTimeTask<Long> once =
        Tasks.oneTime(ONCE)
            .execute((task, context) -> executions.add(task.getId(), task.getData(), ExecutionTable.now()));
    scheduler =
        Scheduler.create(database, recurring, once)
            .threads(PeerDatabase.THREADS)
            .pollUsingLockAndFetch(1.0, 4.0)
            .pollingInterval(POLLING)
            .heartbeatInterval(HEARTBEAT)
            .missedHeartbeatsLimit(MISSED_HEARTBEATS)
            .schedulerName(new SchedulerName.Fixed("peer"))
            .registerShutdownHook()
            .build();
  }

  public static void main(String[] arguments) throws Exception {
    HikariDataSource database = PeerDatabase.open();
    PeerDatabase.makeTables(database, "scheduled_tasks", "/db-scheduler.sql");
    ExecutionTable executions = new ExecutionTable(database, Path.of(System.getenv("PEER_ACKNOWLEDGED")));
    DbSchedulerProgram program = new DbSchedulerProgram(database, executions);
    program.scheduler.start();
    new CommandServer(program).serve(Integer.parseInt(System.getenv("CONTROL_PORT")));
  }

  @Override
  public void everySecond(List<String> names) {
    PlainScheduleAndData schedule = new PlainScheduleAndData(new EverySecond());
    Stream<SchedulableInstance<?>> instances =
        names.stream().map(name -> RECURRING.instance(name).data(schedule).scheduledAccordingToData());
    scheduler.scheduleBatch(instances);
  }

  @Override
  public void once(List<String> names, long atMs) {
    Stream<TaskInstance<?>> instances = names.stream().map(name -> ONCE.instance(name).data(atMs).build());
    scheduler.scheduleBatch(instances, Instant.ofEpochMilli(atMs));
  }

  /** The scheduler removes one task at a time only. */
  @Override
  public void clear() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DELETE FROM scheduled_tasks");
    }
  }
}
