"""What each peer is given to do, a module for each kind of work."""
