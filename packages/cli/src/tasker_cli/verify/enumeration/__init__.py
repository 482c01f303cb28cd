"""PURE. What schedules mean, enumerated plainly; nothing here knows the engine of the ticker."""
