"""The files that deploy Tasker agree with the code and with each other."""
