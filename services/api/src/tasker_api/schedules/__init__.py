"""What the API itself computes of schedules, by the engine that fires them. All of it is pure."""
