"""PURE. What task events do: changes of tasks, triggers, retries, cancels, waits for callbacks."""
