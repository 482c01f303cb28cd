"""The contract is what the services really say to each other, and what its own standards ask of it."""
