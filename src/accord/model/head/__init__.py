"""How the rows of a new classifier head start: parts of one slot, and what they are given."""
