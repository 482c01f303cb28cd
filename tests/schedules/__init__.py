"""Every kind of schedule against enumerations that share nothing with the engine but the tz database."""
