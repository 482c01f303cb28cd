"""What schedules cost: next times of each kind, and the oddest schedules that are accepted."""
