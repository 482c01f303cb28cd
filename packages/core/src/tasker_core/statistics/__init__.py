"""How well the promise is kept: what is counted of runs, in minutes, hours and days that add up."""
