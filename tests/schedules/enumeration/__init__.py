"""What schedules mean, enumerated slowly and plainly; nothing here knows the engine."""
