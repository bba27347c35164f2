"""Learning from a teacher: parts of one slot, and the objective that mixes them with another."""
