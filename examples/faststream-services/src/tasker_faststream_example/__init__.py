"""Services beside Tasker that know nothing of it but its messages."""
