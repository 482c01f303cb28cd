"""What an installation needs: measured costs of a unit, and what they add up to."""
