"""What a request can have done: each command checks, publishes a task event, and answers with what came of it."""
