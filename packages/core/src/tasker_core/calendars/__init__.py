"""Named calendars: sets of days that are changed in one place, for all tasks that exclude or require them."""
