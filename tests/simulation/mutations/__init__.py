"""Planted bugs: mutations of the ticker that the simulation must detect."""
