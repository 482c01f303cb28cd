"""How the installation watches itself: canaries through the whole path, and a sign of life to somebody outside."""
