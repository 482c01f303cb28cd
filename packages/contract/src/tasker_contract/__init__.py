"""Generates `contract/`, what third parties need, from the code of all services: `python -m tasker_contract`."""
