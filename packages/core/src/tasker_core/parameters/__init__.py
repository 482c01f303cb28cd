"""The parameters of the built-in handlers: what a task's payload must look like."""
