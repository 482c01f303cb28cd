"""What is written to the terminal, and to whom reads it there: people or scripts."""
