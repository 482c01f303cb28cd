"""The Helm chart: rendered with many sets of values, and looked at. Needs `helm` (`scripts/bootstrap helm`)."""
