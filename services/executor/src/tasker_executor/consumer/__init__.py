"""The member of the executors' consumer group: polls the due topics, follows rebalances, commits offsets."""
