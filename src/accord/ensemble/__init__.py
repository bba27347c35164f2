"""How the members of an ensemble differ: in rows, seed, start and vote."""
