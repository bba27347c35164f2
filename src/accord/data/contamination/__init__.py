"""Training rows that hold what a model is examined with."""
