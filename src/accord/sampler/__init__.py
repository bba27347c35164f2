"""How many rows of each kind an epoch draws."""
