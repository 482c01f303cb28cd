package tasker.bench.peers;

import java.util.List;

/** What a scheduler is told by the benchmark; each method returns when the scheduler has stored it durably. */
interface ControlledScheduler {
  /** Tasks that are due each second from now on. */
  void everySecond(List<String> names) throws Exception;

  /** Tasks that are due once, at a time in epoch milliseconds. */
  void once(List<String> names, long atMs) throws Exception;

  /** Remove all tasks. */
  void clear() throws Exception;
}
