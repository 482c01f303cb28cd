"""What the API reads from MongoDB. Every read is bounded; a failed one raises PyMongoError."""
