"""The pure parts of `bench/capacity`: what installations need by the costs of a unit."""
