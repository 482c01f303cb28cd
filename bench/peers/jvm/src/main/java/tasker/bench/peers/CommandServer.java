package tasker.bench.peers;

import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Takes commands from the benchmark, one JSON object a line, on a port of this machine only: {@code {"do": "once",
 * "names": […], "at_ms": …}}. Each is answered by one line when it is done: {@code {"ok": true}}, or {@code {"error": "…"}}.
 */
final class CommandServer {
  private static final Gson GSON = new Gson();

  private final ControlledScheduler scheduler;

  CommandServer(ControlledScheduler scheduler) {
    this.scheduler = scheduler;
  }

  private record Command(@SerializedName("do") String name, List<String> names, long at_ms) {}

  private record Answer(Boolean ok, String error) {}

  /** Serves one client after another, for ever. */
  void serve(int port) throws IOException {
    try (ServerSocket server = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      while (true) {
        try (Socket client = server.accept()) {
          answer(client);
        } catch (IOException error) {
          System.err.println("the client is gone: " + error.getMessage());
        }
      }
    }
  }

  private void answer(Socket client) throws IOException {
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
    Writer answers = new OutputStreamWriter(client.getOutputStream(), StandardCharsets.UTF_8);
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      Answer answer = new Answer(true, null);
      try {
        carryOut(GSON.fromJson(line, Command.class));
      } catch (Exception error) {
        error.printStackTrace();
        answer = new Answer(null, error.toString());
      }
      answers.write(GSON.toJson(answer) + "\n");
      answers.flush();
    }
  }

  private void carryOut(Command command) throws Exception {
    switch (command.name()) {
      case "every_second" -> scheduler.everySecond(command.names());
      case "once" -> scheduler.once(command.names(), command.at_ms());
      case "clear" -> scheduler.clear();
      default -> throw new IllegalArgumentException("unknown command " + command.name());
    }
  }
}
