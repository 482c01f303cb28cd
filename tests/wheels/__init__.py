"""What users install: the wheels, into an environment that has nothing but what they ask for."""
