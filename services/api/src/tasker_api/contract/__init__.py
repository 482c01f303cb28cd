"""Writes `contract/`, what third parties need, from the code: `python -m tasker_api.contract`. No service imports it."""
