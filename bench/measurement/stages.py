"""What a scenario answers with."""

Stages = dict[str, list[float]]
"""Stage → milliseconds, one value a run."""
