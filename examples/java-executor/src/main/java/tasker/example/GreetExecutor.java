package tasker.example;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * An executor of one's own for Tasker: it announces the handler {@code java-greet}, reads its runs from both lanes, and
 * tells their results. What it has to keep to is written in docs/wire-contract.md.
 *
 * <p>It carries out one run after another and commits behind them: after a crash the runs since the last commit are begun
 * again (at least once), with the same {@code run_id}. Since no run is under way when the next record is read, there is
 * nothing that a cancel could still hit.
 *
 * <p>Environment: KAFKA_BOOTSTRAP_SERVERS (127.0.0.1:9092), TASKER_TOPIC_PREFIX (tasker).
 */
public final class GreetExecutor {
  private static final String HANDLER = "java-greet";
  private static final Gson GSON = new GsonBuilder().serializeNulls().create();

  private final String prefix;
  private final String group;
  private final KafkaConsumer<String, String> consumer;
  private final KafkaProducer<String, String> producer;
  private final String worker = "java-" + ProcessHandle.current().pid();

  private GreetExecutor(String bootstrap, String prefix) {
    this.prefix = prefix;
    this.group = prefix + "-java-greeters";
    consumer = new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers", bootstrap,
            "group.id", group,
            "isolation.level", "read_committed", // what a transaction that was aborted wrote was never due
            "auto.offset.reset", "earliest",
            "enable.auto.commit", "false"),
        new StringDeserializer(), new StringDeserializer());
    producer = new KafkaProducer<>(
        Map.of("bootstrap.servers", bootstrap, "acks", "all", "enable.idempotence", "true"),
        new StringSerializer(), new StringSerializer());
  }

  public static void main(String[] arguments) throws Exception {
    Map<String, String> env = System.getenv();
    var executor = new GreetExecutor(
        env.getOrDefault("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"), env.getOrDefault("TASKER_TOPIC_PREFIX", "tasker"));
    Thread main = Thread.currentThread();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      executor.consumer.wakeup();
      try {
        main.join(10_000);
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
    }));
    executor.run();
  }

  private void run() throws ExecutionException, InterruptedException {
    try (consumer; producer) {
      announce();
      consumer.subscribe(List.of(prefix + ".due-tasks", prefix + ".due-background"));
      while (true) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
          take(record);
        }
        producer.flush();
        consumer.commitSync(); // behind the results, never before them
      }
    } catch (WakeupException stopped) {
      System.out.println("stopped");
    }
  }

  /** Tells what can run here: from then on tasks may name it, and Tasker's own executors leave its runs to us. */
  private void announce() throws ExecutionException, InterruptedException {
    String schema = """
        {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 1}}}""";
    JsonObject said = new JsonObject();
    said.addProperty("type", "handler");
    said.addProperty("name", HANDLER);
    said.addProperty("description", "Greets somebody, in Java.");
    said.add("payload_schema", JsonParser.parseString(schema));
    said.addProperty("group", group);
    producer.send(new ProducerRecord<>(prefix + ".handlers", HANDLER, GSON.toJson(said))).get();
    System.out.println("announced " + HANDLER);
  }

  private void take(ConsumerRecord<String, String> record) throws ExecutionException, InterruptedException {
    JsonObject run;
    try {
      run = JsonParser.parseString(record.value()).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException | NullPointerException broken) {
      return; // Tasker's own executor keeps it as a dead letter
    }
    if (!"run".equals(text(run, "type", "")) || !HANDLER.equals(text(run, "handler", "default"))) {
      return; // a cancel, or somebody else's run
    }
    boolean background = record.topic().endsWith(".due-background");
    String received = now();
    JsonObject result = run.deepCopy(); // a result repeats all of its run
    result.addProperty("type", "run.finished");
    result.addProperty("received_at", received);
    if (Duration.between(Instant.parse(text(run, "emitted_at", "")), Instant.now()).toHours() >= 24) {
      fail(result, "too_old", "emitted more than 24 h ago, so it was not started");
    } else {
      result.addProperty("started_at", received);
      try {
        String name = run.getAsJsonObject("payload").get("name").getAsString();
        if (name.equals("Nobody")) {
          fail(result, "nobody", "there is nobody to greet; give another name");
        } else {
          result.add("result", greet(name));
          result.addProperty("outcome", "succeeded");
        }
      } catch (RuntimeException error) { // such as a payload of a task that was saved before we announced a schema
        fail(result, "error", error.toString());
      }
    }
    result.addProperty("finished_at", now());
    result.addProperty("worker", worker);
    result.addProperty("lane", background ? "background" : "live");
    // To the partition of the run, where everything about its task is; its key is the task's id.
    producer.send(new ProducerRecord<>(prefix + ".results", record.partition(), record.key(), GSON.toJson(result))).get();
    System.out.println("greeted for " + text(run, "run_id", ""));
  }

  /** The work itself. */
  private static JsonObject greet(String name) {
    JsonObject greeting = new JsonObject();
    greeting.addProperty("greeting", "Hello, " + name + "!");
    greeting.addProperty("by", "Java " + Runtime.version().feature());
    return greeting;
  }

  /** Without `retry_at` it is final: an executor that tries again asks for it with a `retry` event first. */
  private static void fail(JsonObject result, String kind, String message) {
    JsonObject error = new JsonObject();
    error.addProperty("kind", kind);
    error.addProperty("message", message);
    result.addProperty("outcome", "failed");
    result.add("error", error);
  }

  private static String now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
  }

  private static String text(JsonObject object, String name, String absent) {
    JsonElement found = object.get(name);
    return found == null || found.isJsonNull() ? absent : found.getAsString();
  }
}
