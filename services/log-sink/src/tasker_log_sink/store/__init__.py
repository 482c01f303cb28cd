"""The projection in MongoDB: collections, applied offsets, one transaction per batch."""
