"""PURE. Calendars: days from iCalendar files, and what other days would do to the tasks that use them."""
