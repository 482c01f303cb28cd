"""The words of the command, a module for each noun."""
