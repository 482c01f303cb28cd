"""The documents made again from what Kafka holds, while everything goes on: `python -m tasker_log_sink.rebuild`."""
