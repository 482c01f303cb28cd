"""Every test may ask for the real backends."""

pytest_plugins = ["tasker_devstack.pytest_plugin"]
