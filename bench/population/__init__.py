"""A large Tasker's data in MongoDB: tasks, their runs and missed ranges, as the log sink would have written them."""
