"""The ground floor: a partition with what was read of it, its offsets and lanes, and how its records are decoded."""
