"""`python -m bench reads`: what every read of the REST API takes on a large population, while runs are being logged."""
