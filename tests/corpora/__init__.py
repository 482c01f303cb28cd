"""What hostile and careless senders send: JSON of all kinds, odd texts, random bytes."""
