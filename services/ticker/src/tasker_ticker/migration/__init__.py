"""Another number of partitions: all that the ticker remembers moves to topics of another prefix."""
