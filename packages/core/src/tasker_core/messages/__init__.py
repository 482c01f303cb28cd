"""What Tasker writes to Kafka: the contract, as frozen typed structs with their codecs.

Times are RFC 3339 texts in UTC with milliseconds; absent means default. Fields are added, never renamed; unknown
ones are ignored when services read each other.

Users' task events are in `tasker_core/events`, what the ticker keeps for itself in `tasker_core/ticker_state.py`.
"""
