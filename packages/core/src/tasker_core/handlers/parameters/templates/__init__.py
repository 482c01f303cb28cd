"""Templates in the parameters of `http`: `{{ nominal_at }}` is filled in for each attempt."""
