"""Every test may ask for the real backends."""

from hypothesis import settings

# Time is measured in bench/, never asserted: these machines are shared.
settings.register_profile("tasker", deadline=None)
settings.load_profile("tasker")

pytest_plugins = ["tasker_devstack.pytest_plugin"]
