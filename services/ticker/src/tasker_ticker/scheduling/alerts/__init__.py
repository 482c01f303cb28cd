"""PURE. Who is told of which tasks: their states, what changes them, and the runs that tell it."""
