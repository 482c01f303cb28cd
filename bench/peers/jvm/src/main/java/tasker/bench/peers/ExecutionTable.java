package tasker.bench.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;

/**
 * The log of executions: one row each, committed at once. When its commit was acknowledged can't be in the row, so it goes
 * to a file, 16 bytes each (id, time), which is the cheapest place that outlives a kill of this process.
 */
final class ExecutionTable {
  private static final String INSERT = "INSERT INTO executions (id, task, nominal_ms, started_ms) VALUES (?, ?, ?, ?)";
  private static final long IDS_PER_MILLISECOND = 1_000_000;

  private final DataSource database;
  private final FileChannel acknowledged;
  private final AtomicLong lastId = new AtomicLong(System.currentTimeMillis() * IDS_PER_MILLISECOND);

  ExecutionTable(DataSource database, Path acknowledged) throws IOException {
    this.database = database;
    this.acknowledged = FileChannel.open(acknowledged, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** The time, in epoch milliseconds and their fractions. */
  static double now() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()) / 1000.0;
  }

  /** Logs an execution that began at {@code startedMs}. */
  void add(String task, long nominalMs, double startedMs) {
    long id = lastId.incrementAndGet();
    try (Connection connection = database.getConnection();
        PreparedStatement insert = connection.prepareStatement(INSERT)) {
      insert.setLong(1, id);
      insert.setString(2, task);
      insert.setLong(3, nominalMs);
      insert.setDouble(4, startedMs);
      insert.executeUpdate();
      acknowledged.write(ByteBuffer.allocate(16).putLong(id).putDouble(now()).flip());
    } catch (SQLException | IOException error) {
      throw new IllegalStateException("the execution of " + task + " can't be logged", error);
    }
  }
}
