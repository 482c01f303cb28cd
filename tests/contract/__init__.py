"""What others are told is so: the contract, on real topics too, and the pages."""
