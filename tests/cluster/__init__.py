"""A release in a real cluster, disturbed while tasks are due each second: `make test-cluster`."""
