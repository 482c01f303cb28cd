"""Wires the log sink and runs it: `python -m tasker_log_sink.main`."""

from tasker_log_sink.log_sink import LogSink
from tasker_log_sink.settings import SinkSettings
from tasker_runtime.clock import SystemClock
from tasker_runtime.dead_letter_producer import DeadLetterProducer
from tasker_runtime.health import Health, HealthServer
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.lifecycle import run_service, run_until_signal
from tasker_runtime.logs import configure
from tasker_runtime.metrics.service_metrics import show_process
from tasker_runtime.mongo import Mongo
from tasker_runtime.tracing.recorder import close_tracing, start_tracing


async def serve() -> None:
    """Run the log sink until a signal."""
    settings = SinkSettings()
    log = configure("log-sink", settings.log_format, settings.log_level)
    show_process("log-sink", settings.partitions)
    health, mongo = Health(), Mongo(settings.mongodb)
    producer = RecordProducer(settings.kafka)
    dead_letters = DeadLetterProducer(producer, settings.topics["dead-letters"], "log-sink")
    recorder = start_tracing("log-sink", log)
    log_sink = LogSink(settings, mongo, dead_letters, SystemClock(), health, log, recorder)
    server = HealthServer(health, settings.metrics_host, settings.metrics_port)
    await server.start()
    await run_until_signal(log, log_sink.run)
    await close_tracing(recorder)
    await producer.stop()
    await server.stop()
    mongo.close()


def main() -> None:
    """The command `tasker-log-sink`."""
    run_service("log-sink", serve)


if __name__ == "__main__":
    main()
