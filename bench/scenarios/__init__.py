"""What is measured: each scenario brings its own tasks."""
