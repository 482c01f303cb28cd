"""The pure parts of `bench/peers`: what was lost or doubled, nominal times that nobody tells, tables."""
