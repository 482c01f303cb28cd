"""PURE. Crontabs, of users (`crontab -l`) and of the system (`/etc/crontab`), as tasks."""
