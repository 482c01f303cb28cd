"""What changes in MongoDB, as hints for those who listen."""
