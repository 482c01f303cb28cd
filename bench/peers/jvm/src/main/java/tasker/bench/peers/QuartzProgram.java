package tasker.bench.peers;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.quartz.CronScheduleBuilder;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.ScheduleBuilder;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.impl.StdSchedulerFactory;
import org.quartz.utils.ConnectionProvider;
import org.quartz.utils.DBConnectionManager;

/**
 * Quartz with its clustered JDBC store. Each task of a user is a trigger of one durable job, which asks for recovery: what
 * a killed process had begun is begun again.
 *
 * <p>Triggers ignore misfires: what is late by more than a minute is fired too, each time of it, and keeps its nominal time.
 *
 * <p>Environment: PEER_POSTGRES (host:port), PEER_ACKNOWLEDGED (a file), CONTROL_PORT (for commands).
 */
public final class QuartzProgram implements ControlledScheduler {
  private static final String DATA_SOURCE = "peer";

  /** Triggers that are stored in one transaction. */
  private static final int BATCH = 500;

  private final Scheduler scheduler;
  private final JobDetail job =
      JobBuilder.newJob(QuartzJob.class).withIdentity("execute").storeDurably().requestRecovery().build();

  private QuartzProgram(HikariDataSource database, ExecutionTable executions) throws SchedulerException {
    DBConnectionManager.getInstance().addConnectionProvider(DATA_SOURCE, new PooledConnections(database));
    scheduler = new StdSchedulerFactory(settings()).getScheduler();
    scheduler.getContext().put(QuartzJob.EXECUTIONS, executions);
  }

  /** The one pool, for the store and for the jobs. */
  private record PooledConnections(HikariDataSource database) implements ConnectionProvider {
    @Override
    public Connection getConnection() throws SQLException {
      return database.getConnection();
    }

    @Override
    public void initialize() {}

    @Override
    public void shutdown() {
      database.close();
    }
  }

  public static void main(String[] arguments) throws Exception {
    HikariDataSource database = PeerDatabase.open();
    PeerDatabase.makeTables(database, "qrtz_locks", "/org/quartz/impl/jdbcjobstore/tables_postgres.sql");
    ExecutionTable executions = new ExecutionTable(database, Path.of(System.getenv("PEER_ACKNOWLEDGED")));
    QuartzProgram program = new QuartzProgram(database, executions);
    program.scheduler.start();
    new CommandServer(program).serve(Integer.parseInt(System.getenv("CONTROL_PORT")));
  }

  private static Properties settings() {
    Properties settings = new Properties();
    String threads = String.valueOf(PeerDatabase.THREADS);
    settings.putAll(Map.of(
        "org.quartz.scheduler.instanceName", "peer",
        // The same after a restart: it recovers its own at once, and need not wait until it is known to have failed.
        "org.quartz.scheduler.instanceId", "one",
        // As many at once as there are threads; with more than one its documentation demands the lock.
        "org.quartz.scheduler.batchTriggerAcquisitionMaxCount", threads,
        "org.quartz.jobStore.acquireTriggersWithinLock", "true",
        "org.quartz.threadPool.class", "org.quartz.simpl.SimpleThreadPool",
        "org.quartz.threadPool.threadCount", threads));
    settings.putAll(Map.of(
        "org.quartz.jobStore.class", "org.quartz.impl.jdbcjobstore.JobStoreTX",
        "org.quartz.jobStore.driverDelegateClass", "org.quartz.impl.jdbcjobstore.PostgreSQLDelegate",
        "org.quartz.jobStore.isClustered", "true",
        "org.quartz.jobStore.useProperties", "true",
        "org.quartz.jobStore.dataSource", DATA_SOURCE));
    return settings;
  }

  @Override
  public void everySecond(List<String> names) throws SchedulerException {
    schedule(names, new Date(), CronScheduleBuilder.cronSchedule("* * * * * ?")
        .withMisfireHandlingInstructionIgnoreMisfires());
  }

  @Override
  public void once(List<String> names, long atMs) throws SchedulerException {
    schedule(names, new Date(atMs), SimpleScheduleBuilder.simpleSchedule()
        .withMisfireHandlingInstructionIgnoreMisfires());
  }

  private void schedule(List<String> names, Date start, ScheduleBuilder<?> times) throws SchedulerException {
    scheduler.addJob(job, true);
    for (int first = 0; first < names.size(); first += BATCH) {
      Set<Trigger> triggers = new LinkedHashSet<>();
      for (String name : names.subList(first, Math.min(first + BATCH, names.size()))) {
        triggers.add(TriggerBuilder.newTrigger().withIdentity(name).forJob(job).startAt(start).withSchedule(times).build());
      }
      Map<JobDetail, Set<? extends Trigger>> batch = new HashMap<>();
      batch.put(job, triggers);
      scheduler.scheduleJobs(batch, true);
    }
  }

  @Override
  public void clear() throws SchedulerException {
    scheduler.clear();
  }
}
