"""Which run starts when: overlap policies, slots, fairness between tasks, limits for each called host."""
