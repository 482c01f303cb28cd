"""The built-in handlers, plug-ins, and the table of all handlers of this executor."""
