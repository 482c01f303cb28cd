"""The timing of a task: a text that is equal for all tasks that fire at the same instants, and these instants."""
