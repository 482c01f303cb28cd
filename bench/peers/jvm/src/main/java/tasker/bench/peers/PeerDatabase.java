package tasker.bench.peers;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** The peer's PostgreSQL: a pool with a connection for each worker thread, and some for the scheduler's own. */
final class PeerDatabase {
  static final int THREADS = 200;
  static final int CONNECTIONS = THREADS + 10;

  private PeerDatabase() {}

  static HikariDataSource open() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl("jdbc:postgresql://" + System.getenv("PEER_POSTGRES") + "/peer");
    config.setUsername("postgres");
    config.setMaximumPoolSize(CONNECTIONS);
    return new HikariDataSource(config);
  }

  /** Makes a peer's tables by a script from its jar, unless {@code table} is there. */
  static void makeTables(DataSource database, String table, String script) throws SQLException, IOException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      try (ResultSet found = statement.executeQuery("SELECT to_regclass('" + table + "') IS NOT NULL")) {
        found.next();
        if (found.getBoolean(1)) {
          return;
        }
      }
      try (InputStream text = PeerDatabase.class.getResourceAsStream(script)) {
        statement.execute(new String(text.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
  }
}
