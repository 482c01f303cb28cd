"""APScheduler on MongoDB."""
